export const machine = {
  'machine.heading': 'Machine',
  'machine.unknown': 'The guardian has not measured it yet.',
  'machine.aged': 'Nobody measures now; this was measured',
  'machine.memory': 'Memory',
  'machine.disk': 'Disk',
  'machine.memoryUsed': '{used} of {total} used',
  'machine.diskFree': '{free} of {total} free',
  'machine.low': 'low',
  'machine.high': 'high',

  'warnings.heading': 'Worth knowing',

  'machine.cpu': 'Processor',
  'machine.cpuUsed': '{percent} of {count} threads',
  'machine.vram': 'VRAM',
  'machine.queue': 'Queue',
  'machine.queueText': '{running} running, {pending} waiting',
  'machine.onCpu': 'ComfyUI works on the processor: no VRAM to show.',
  'machine.gpuUnknown': 'GPU and queue are unknown while ComfyUI does not answer.',
  'machine.system': 'System',
  'machine.versions': 'Versions',
  'machine.started': 'Started',
} as const;
