export const diagnostics = {
  'table.service': 'Service',
  'table.state': 'State',
  'table.uptime': 'Uptime',

  'span.label': 'Span',

  'latency.heading': 'Response time',
  'latency.none': 'Nothing was measured in this span.',
  'latency.loading': 'Drawing the chart…',
  'latency.failed': 'The history could not be read.',
  'latency.mean': 'mean',
  'latency.most': 'slowest',
  'latency.summary': '{name}: mean {mean}, slowest {most}',

  'doctor.heading': 'Doctor',
  'doctor.intro': 'Examines the installation and the machine as Test-Orchestrator does, and says what to do.',
  'doctor.run': 'Examine',
  'doctor.busy': 'Examining…',
  'doctor.at': 'Examined',
  'doctor.count': '{fail} failed, {warn} warnings, {pass} passed, {skip} skipped',
  'doctor.fine': 'Show what passed or was skipped',

  'check.pass': 'passed',
  'check.warn': 'warning',
  'check.fail': 'failed',
  'check.skip': 'skipped',
} as const;
