import type { machine as english } from '../en/machine.ts';

export const machine: Readonly<Record<keyof typeof english, string>> = {
  'machine.heading': 'Машина',
  'machine.unknown': 'Страж её ещё не измерял.',
  'machine.aged': 'Сейчас никто не измеряет; последний замер:',
  'machine.memory': 'Память',
  'machine.disk': 'Диск',
  'machine.memoryUsed': 'занято {used} из {total}',
  'machine.diskFree': 'свободно {free} из {total}',
  'machine.low': 'мало',
  'machine.high': 'много',

  'warnings.heading': 'Стоит знать',

  'machine.cpu': 'Процессор',
  'machine.cpuUsed': '{percent}, потоков: {count}',
  'machine.vram': 'Видеопамять',
  'machine.queue': 'Очередь',
  'machine.queueText': 'выполняется {running}, ждёт {pending}',
  'machine.onCpu': 'ComfyUI работает на процессоре, видеопамяти нет.',
  'machine.gpuUnknown': 'Видеокарта и очередь неизвестны, пока ComfyUI не отвечает.',
  'machine.system': 'Система',
  'machine.versions': 'Версии',
  'machine.started': 'Запущена',
};
