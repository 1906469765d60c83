export const incidents = {
  'incidents.heading': 'Recent incidents',
  'incidents.none': 'No incidents on record.',

  'incident.tried': 'Tried',
  'incident.triedNothing': 'nothing yet',
  'incident.evidence': 'Last lines of its log',
  'incident.advice': 'What to do',

  'outcome.open': 'open',
  'outcome.recovered': 'recovered',
  'outcome.exhausted': 'exhausted',
  'outcome.stopped': 'stopped',

  'incident.lasted': 'lasted {time}',
  'incident.log': 'Show in the log',
  'incident.searching': 'Looking for its lines in the log…',
  'incident.gone': 'Its lines are no longer in the log.',

  'incidents.all': 'All incidents',
} as const;
