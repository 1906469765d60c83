# Texts that are not errors. Words in braces are filled in. Same keys as in ru-RU.
@{
  'Fault.empty'           = 'empty'
  'Fault.damaged'         = 'damaged'
  'Fault.newer'           = 'from a newer version'
  'Fault.unreadable'      = 'unreadable'
  'Detail.NoContent'      = 'It has no content.'
  'Detail.NotJson'        = 'It is not whole JSON.'
  'Detail.Version'        = 'It has version {version}; this program reads 1.'
  'Detail.NoKey'          = 'It has no "{key}".'

  'Node.None'             = 'There is none below .runtime and none on PATH.'
  'Node.Broken'           = '{path} does not run: {detail}'
  'Node.Old'              = '{path} is version {version}; at least {minimum} is needed.'

  'Backend.Missing'       = 'This version has no backend {backend}.'

  'Host.NoAnswer'         = 'Its host does not answer.'
  'Host.NotUp'            = 'Its host (PID {processId}) did not come up.'
  'Ended.Signal'          = 'signal {signal}'
  'Stop.Survived'         = 'The process lives on although it was killed.'

  'Port.Hidden'           = 'a program that this account may not see ({account})'
  'Port.Nobody'           = 'an unknown program'

  'Probe.Status'          = 'Answered {status} in {latency} ms.'
  'Probe.Silent'          = 'No answer within {seconds} s.'
  'Probe.Refused'         = 'Nothing listens on its port.'
  'Probe.Failed'          = 'No answer: {detail}'
  'Probe.Stranger'        = '{owner} answers on port {port}, which is not this service.'

  'Heartbeat.None'        = 'No heartbeat yet.'
  'Heartbeat.Other'       = 'The heartbeat is of another process.'
  'Heartbeat.Stale'       = 'The last heartbeat is {age} old.'
  'Heartbeat.Fresh'       = 'Its heartbeat is fresh.'

  'Reason.Missing'        = 'A file it requires is missing: {file}'
  'Reason.Unwanted'       = 'It runs although it should be stopped.'
  'Reason.Starting'       = 'It is starting.'
  'Reason.Stopping'       = 'It is stopping.'
  'Reason.NotInstalled'   = 'Not installed: run npm start, or Install-Orchestrator.'
  'Reason.Stopped'        = 'Stopped by request.'
  'Reason.EndedBy'        = 'It ended: {detail}'
  'Reason.Ended'          = 'It ended with exit code {code}.'
  'Reason.Gone'           = 'It does not run.'
  'Reason.Alive'          = 'Its process lives.'
  'Reason.NotAsked'       = 'It runs; its health was not asked.'

  'Wait.Activity'         = 'Waiting for {service}'
  'Wait.StoppedMeanwhile' = 'Another session stopped it meanwhile.'

  'Heal.Unwanted'         = '{service} should not run; left alone.'
  'Heal.Other'            = '{service} runs as process {processId} by now; left alone.'

  'Verbose.Start'         = 'Starting {service}'
  'Verbose.Stop'          = 'Stopping {service}'

  'Action.Start'          = 'Start'
  'Action.Stop'           = 'Stop'
  'Action.Restart'        = 'Restart'
}
