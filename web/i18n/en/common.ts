export const common = {
  'page.home': 'Services',
  'page.signIn': 'Sign in',
  'page.notFound': 'Nothing here',
  'page.description': 'What runs, what is wrong and what to do about it.',

  'skip.content': 'Skip to the content',

  'theme.label': 'Theme',
  'theme.auto': 'Auto',
  'theme.light': 'Light',
  'theme.dark': 'Dark',

  'language.label': 'Language',

  'noscript.text':
    'This page needs its own script to show live state. Without it: Get-OrchestratorStatus in PowerShell, or GET /api/status.',

  'overall.loading': 'Reading the state of the services…',
  'overall.healthy': 'Everything runs',
  'overall.attention': 'Everything runs, something needs a look',
  'overall.starting': 'Starting up',
  'overall.recovering': 'A service is being healed',
  'overall.failed': 'A service has failed',
  'overall.stopped': 'Everything is stopped',
  'overall.unwatched': 'Nobody watches the services',
  'overall.count': '{healthy} of {all} healthy',

  'guardian.down': 'Guardian is down: nothing heals by itself now.',
  'guardian.never': 'It has left no heartbeat yet.',
  'guardian.lastSeen': 'Its last heartbeat was {when}.',
  'guardian.fix': 'Start it below, or run: Start-Orchestrator guardian',

  'connection.lost': 'The connection to the panel is lost. What you see is from {time}; trying again…',
  'connection.never': 'The panel does not answer. Trying again…',
  'connection.back': 'The connection is back.',

  'health.healthy': 'Healthy',
  'health.starting': 'Starting',
  'health.suspect': 'Suspect',
  'health.restarting': 'Restarting',
  'health.cooling': 'Cooling down',
  'health.exhausted': 'Exhausted',
  'health.unhealthy': 'Unhealthy',
  'health.stopped': 'Stopped',
  'health.skipped': 'Skipped',
  'health.unknown': 'Unknown',
  'health.stopping': 'Stopping',

  'desired.running': 'running',
  'desired.stopped': 'stopped',

  'state.Running': 'running',
  'state.Starting': 'starting',
  'state.Stopping': 'stopping',
  'state.Stopped': 'stopped',
  'state.External': 'external',
  'state.Skipped': 'skipped',
  'state.Unknown': 'unknown',

  'error.offline': 'The panel did not answer.',
  'error.offlineFix': 'Look whether it runs: Get-OrchestratorStatus panel',
  'error.request': 'Request {id}',
  'error.dismiss': 'Dismiss',

  'role.reader': 'You may look, not change anything.',
  'role.signOut': 'Sign out',

  'announce.health': '{name}: {word}',

  'page.diagnostics': 'Diagnostics',

  'nav.label': 'Pages',
  'nav.home': 'Services',
  'nav.diagnostics': 'Diagnostics',
  'nav.comfy': 'ComfyUI',
  'nav.comfyHint': 'ComfyUI’s own page, in a new tab',
} as const;
