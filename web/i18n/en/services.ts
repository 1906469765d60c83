export const services = {
  'ignite.button': 'Ignite',
  'ignite.hint': 'Starts everything that does not run',
  'ignite.busy': 'Igniting…',
  'ignite.nothing': 'Everything runs already.',
  'ignite.started': 'Started: {names}.',
  'ignite.failed': '{name}: {what}',

  'services.heading': 'Services',
  'services.loading': 'Loading…',
  'services.empty': 'The manifest has no services.',

  'badge.demo': 'demo',
  'badge.demoHint': 'Stands in for the real program',
  'badge.external': 'external',
  'badge.externalHint': 'Watched and used, never started or stopped from here',
  'badge.self': 'this page',

  'field.desired': 'Desired',
  'field.observed': 'Observed',
  'field.process': 'Process',
  'field.since': 'Since',
  'field.attempts': 'Attempts',
  'field.next': 'Next',
  'field.latency': 'Answers in',
  'field.address': 'Address',
  'field.failure': 'Last failure',

  'attempts.of': '{attempts} of {max}',

  'next.restart': 'restart',

  'exit.code': 'exit code {code}',

  'action.start': 'Start',
  'action.stop': 'Stop',
  'action.restart': 'Restart',
  'action.of': '{action}: {name}',

  'busy.start': 'Starting…',
  'busy.stop': 'Stopping…',
  'busy.restart': 'Restarting…',

  'confirm.self': 'This stops the page you are looking at. It cannot be started again from here.',
  'confirm.yes': 'Stop the panel',
  'confirm.no': 'Keep it running',

  'uptime.label': 'Healthy {percent} of the last {span}',
  'uptime.none': 'Nothing recorded yet',
  'uptime.short': '{percent} in {span}',

  'span.1h': 'hour',
  'span.6h': '6 hours',
  'span.24h': '24 hours',
  'span.7d': '7 days',
  'span.30d': '30 days',
} as const;
