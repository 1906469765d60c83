# Тексты, кроме ошибок. Слова в скобках подставляются. Ключи те же, что в en-US.
@{
  'Fault.empty'           = 'пустой'
  'Fault.damaged'         = 'повреждён'
  'Fault.newer'           = 'от более новой версии'
  'Fault.unreadable'      = 'не читается'
  'Detail.NoContent'      = 'В нём ничего нет.'
  'Detail.NotJson'        = 'Это не целый JSON.'
  'Detail.Version'        = 'Его версия {version}, программа читает 1.'
  'Detail.NoKey'          = 'В нём нет "{key}".'

  'Node.None'             = 'Его нет ни в .runtime, ни в PATH.'
  'Node.Broken'           = '{path} не запускается: {detail}'
  'Node.Old'              = '{path} — версия {version}, нужна не ниже {minimum}.'

  'Backend.Missing'       = 'В этой версии нет способа запуска {backend}.'

  'Host.NoAnswer'         = 'Её хост-процесс не отвечает.'
  'Host.NotUp'            = 'Её хост-процесс (PID {processId}) не запустился.'
  'Ended.Signal'          = 'сигнал {signal}'
  'Stop.Survived'         = 'Процесс жив, хотя его завершили принудительно.'

  'Port.Hidden'           = 'программа, которую эта учётная запись не видит ({account})'
  'Port.Nobody'           = 'неизвестная программа'

  'Probe.Status'          = 'Ответ {status} за {latency} мс.'
  'Probe.Silent'          = 'Нет ответа за {seconds} с.'
  'Probe.Refused'         = 'На её порту никто не слушает.'
  'Probe.Failed'          = 'Нет ответа: {detail}'
  'Probe.Stranger'        = 'На порту {port} отвечает {owner}, а это не наша служба.'

  'Heartbeat.None'        = 'Пульса ещё нет.'
  'Heartbeat.Other'       = 'Пульс принадлежит другому процессу.'
  'Heartbeat.Stale'       = 'Последнему пульсу {age}.'
  'Heartbeat.Fresh'       = 'Пульс свежий.'

  'Reason.Missing'        = 'Нет нужного файла: {file}'
  'Reason.Unwanted'       = 'Работает, хотя должна быть остановлена.'
  'Reason.Starting'       = 'Запускается.'
  'Reason.Stopping'       = 'Останавливается.'
  'Reason.NotInstalled'   = 'Не установлено: выполните npm start или Install-Orchestrator.'
  'Reason.Stopped'        = 'Остановлена по запросу.'
  'Reason.EndedBy'        = 'Завершилась: {detail}'
  'Reason.Ended'          = 'Завершилась с кодом {code}.'
  'Reason.Gone'           = 'Не работает.'
  'Reason.Alive'          = 'Процесс жив.'
  'Reason.NotAsked'       = 'Работает; исправность не проверялась.'

  'Wait.Activity'         = 'Ожидание: {service}'
  'Wait.StoppedMeanwhile' = 'Её тем временем остановил другой сеанс.'

  'Heal.Unwanted'         = '{service} не должна работать; не тронута.'
  'Heal.Other'            = '{service} уже работает как процесс {processId}; не тронута.'

  'Verbose.Start'         = 'Запуск: {service}'
  'Verbose.Stop'          = 'Остановка: {service}'

  'Action.Start'          = 'Запуск'
  'Action.Stop'           = 'Остановка'
  'Action.Restart'        = 'Перезапуск'
}
