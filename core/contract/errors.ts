/** Words of one error in one language. `{name}` is filled from the error's data. */
export interface ErrorText {
  /** What happened. */
  readonly what: string;
  /** Why, as far as is known. */
  readonly why: string;
  /** What to do. */
  readonly fix: string;
}

export interface ErrorEntry {
  /** HTTP status of the problem answer. */
  readonly status: number;
  readonly en: ErrorText;
  readonly ru: ErrorText;
}

/**
 * The registry of errors: permanent codes, never reused. ORC1 manifest, ORC2 services, ORC3 bridge, ORC4 panel,
 * ORC5 state, ORC6 bootstrap. `npm run schema` writes the module's string tables and docs/errors.md from it.
 */
export const errors = {
  ORC1001: {
    status: 500,
    en: {
      what: 'The manifest {path} was not found.',
      why: 'No file is there.',
      fix: 'Give -Manifest the right path, or set ORCHESTRATOR_MANIFEST.',
    },
    ru: {
      what: 'Манифест {path} не найден.',
      why: 'По этому пути нет файла.',
      fix: 'Укажите верный путь в -Manifest или в переменной ORCHESTRATOR_MANIFEST.',
    },
  },
  ORC1002: {
    status: 500,
    en: {
      what: '{path}: line {line}: the file is not JSON.',
      why: '{detail}',
      fix: 'Mend the line; an editor with JSON support shows the place.',
    },
    ru: {
      what: '{path}: строка {line}: это не JSON.',
      why: '{detail}',
      fix: 'Исправьте строку; редактор с поддержкой JSON покажет место.',
    },
  },
  ORC1003: {
    status: 500,
    en: {
      what: '{path}: line {line}: unknown key {pointer}.',
      why: 'The manifest has no such key; the nearest known one is "{nearest}".',
      fix: 'Rename or remove the key.',
    },
    ru: {
      what: '{path}: строка {line}: неизвестный ключ {pointer}.',
      why: 'Такого ключа в манифесте нет; ближайший известный — "{nearest}".',
      fix: 'Переименуйте или удалите ключ.',
    },
  },
  ORC1004: {
    status: 500,
    en: {
      what: '{path}: line {line}: {pointer} is missing.',
      why: 'The manifest is complete: it has no hidden defaults.',
      fix: 'Add the key; deploy/local/orchestrator.json shows an example of each.',
    },
    ru: {
      what: '{path}: строка {line}: нет ключа {pointer}.',
      why: 'Манифест полон: скрытых значений по умолчанию нет.',
      fix: 'Добавьте ключ; пример каждого есть в deploy/local/orchestrator.json.',
    },
  },
  ORC1005: {
    status: 500,
    en: {
      what: '{path}: line {line}: {pointer} has a value that is not allowed.',
      why: '{detail}',
      fix: 'Give a value of the allowed kind.',
    },
    ru: {
      what: '{path}: строка {line}: недопустимое значение {pointer}.',
      why: '{detail}',
      fix: 'Укажите допустимое значение.',
    },
  },
  ORC1006: {
    status: 500,
    en: {
      what: '{path}: line {line}: the key {pointer} stands twice.',
      why: 'Of two equal keys only one can count, and readers differ in which.',
      fix: 'Remove one of them.',
    },
    ru: {
      what: '{path}: строка {line}: ключ {pointer} указан дважды.',
      why: 'Из двух одинаковых ключей действует один, и программы выбирают разный.',
      fix: 'Удалите один из них.',
    },
  },
  ORC1007: {
    status: 500,
    en: {
      what: '{path}: line {line}: {pointer} repeats the name "{value}".',
      why: 'Ids, aliases and service names must be unique, also against each other.',
      fix: 'Choose another name.',
    },
    ru: {
      what: '{path}: строка {line}: {pointer} повторяет имя "{value}".',
      why: 'Идентификаторы, псевдонимы и имена служб не должны совпадать.',
      fix: 'Выберите другое имя.',
    },
  },
  ORC1008: {
    status: 500,
    en: {
      what: '{path}: line {line}: {pointer} names "{value}", which does not come earlier.',
      why: 'File order is start order, so a service may depend on earlier entries only.',
      fix: 'Move the other service up, or remove the dependency.',
    },
    ru: {
      what: '{path}: строка {line}: {pointer} называет "{value}", а выше такой службы нет.',
      why: 'Порядок в файле — порядок запуска, поэтому зависеть можно только от записей выше.',
      fix: 'Поднимите ту службу выше или уберите зависимость.',
    },
  },
  ORC1009: {
    status: 500,
    en: {
      what: '{path}: line {line}: {pointer} uses port {value} a second time.',
      why: 'Two services cannot listen on one port.',
      fix: 'Give one of them another port.',
    },
    ru: {
      what: '{path}: строка {line}: {pointer} занимает порт {value} повторно.',
      why: 'Две службы не могут слушать один порт.',
      fix: 'Дайте одной из них другой порт.',
    },
  },
  ORC1010: {
    status: 500,
    en: {
      what: '{path}: the manifest has version {value}.',
      why: 'This Orchestrator reads version 1.',
      fix: 'Update Orchestrator, or use a manifest of version 1.',
    },
    ru: {
      what: '{path}: версия манифеста {value}.',
      why: 'Этот Orchestrator читает версию 1.',
      fix: 'Обновите Orchestrator или возьмите манифест версии 1.',
    },
  },
  ORC2001: {
    status: 404,
    en: {
      what: 'There is no service "{name}".',
      why: 'The manifest has: {known}.',
      fix: 'Use one of these names; wildcards are allowed.',
    },
    ru: {
      what: 'Службы "{name}" нет.',
      why: 'В манифесте есть: {known}.',
      fix: 'Укажите одно из этих имён; допустимы подстановочные знаки.',
    },
  },
  ORC2002: {
    status: 409,
    en: {
      what: 'Port {port} for {service} is taken by {owner}.',
      why: 'A program that is not ours listens there, so {service} was not started and nothing was stopped.',
      fix: 'End that program, or give {service} another port in the manifest.',
    },
    ru: {
      what: 'Порт {port} для {service} занят: {owner}.',
      why: 'Там слушает чужая программа, поэтому {service} не запущена и ничего не остановлено.',
      fix: 'Завершите ту программу или укажите для {service} другой порт в манифесте.',
    },
  },
  ORC2003: {
    status: 409,
    en: {
      what: '{service} was skipped.',
      why: 'A file it requires is missing: {file}.',
      fix: 'Put the file there, or correct "requires" in the manifest.',
    },
    ru: {
      what: '{service} пропущена.',
      why: 'Нет нужного ей файла: {file}.',
      fix: 'Поместите файл на место или исправьте "requires" в манифесте.',
    },
  },
  ORC2004: {
    status: 500,
    en: {
      what: '{service} could not be started.',
      why: '{detail}',
      fix: 'Check "command" and "cwd" in the manifest, then run Test-Orchestrator.',
    },
    ru: {
      what: 'Не удалось запустить {service}.',
      why: '{detail}',
      fix: 'Проверьте "command" и "cwd" в манифесте и выполните Test-Orchestrator.',
    },
  },
  ORC2005: {
    status: 504,
    en: {
      what: '{service} was started but did not become healthy within {seconds} s.',
      why: '{detail}',
      fix: 'Read its log: Get-OrchestratorLog {id} -Tail 50',
    },
    ru: {
      what: '{service} запущена, но не стала исправной за {seconds} с.',
      why: '{detail}',
      fix: 'Посмотрите журнал: Get-OrchestratorLog {id} -Tail 50',
    },
  },
  ORC2006: {
    status: 409,
    en: {
      what: '{service} is being changed by another session.',
      why: 'Its lock was not free within {seconds} s.',
      fix: 'Wait for the other command to end, then try again.',
    },
    ru: {
      what: '{service} сейчас меняет другой сеанс.',
      why: 'Блокировка не освободилась за {seconds} с.',
      fix: 'Дождитесь конца другой команды и повторите.',
    },
  },
  ORC2007: {
    status: 500,
    en: {
      what: '{service} could not be stopped.',
      why: '{detail}',
      fix: 'End process {processId} by hand, then run Get-OrchestratorStatus.',
    },
    ru: {
      what: 'Не удалось остановить {service}.',
      why: '{detail}',
      fix: 'Завершите процесс {processId} вручную и выполните Get-OrchestratorStatus.',
    },
  },
  ORC2008: {
    status: 409,
    en: {
      what: '{service} is external.',
      why: 'It is watched and used, but Orchestrator did not start it and will not stop it.',
      fix: 'Start or stop it where it runs.',
    },
    ru: {
      what: '{service} — внешняя служба.',
      why: 'Она под наблюдением, но Orchestrator её не запускал и не остановит.',
      fix: 'Запускайте и останавливайте её там, где она работает.',
    },
  },
  ORC2009: {
    status: 500,
    en: {
      what: 'The folder {path} cannot be written.',
      why: '{detail}',
      fix: 'Give this account write access to it, or choose another folder in the manifest.',
    },
    ru: {
      what: 'В папку {path} нельзя писать.',
      why: '{detail}',
      fix: 'Дайте этой учётной записи право записи или укажите другую папку в манифесте.',
    },
  },
  ORC2010: {
    status: 400,
    en: {
      what: 'No ComfyUI was found at {path}.',
      why: '{detail}',
      fix: "Give the folder that holds ComfyUI's main.py, or the portable folder with python_embeded.",
    },
    ru: {
      what: 'ComfyUI по пути {path} не найден.',
      why: '{detail}',
      fix: 'Укажите папку, где лежит main.py из ComfyUI, или папку переносной сборки с python_embeded.',
    },
  },
  ORC2011: {
    status: 400,
    en: {
      what: 'COMFY_URL or --attach does not lead to a ComfyUI: {url}.',
      why: '{detail}',
      fix: 'Start ComfyUI there first, or correct the address.',
    },
    ru: {
      what: 'COMFY_URL или --attach не ведёт к ComfyUI: {url}.',
      why: '{detail}',
      fix: 'Сначала запустите ComfyUI там или исправьте адрес.',
    },
  },
  ORC2012: {
    status: 500,
    en: {
      what: 'The {backend} backend is not available.',
      why: '{detail}',
      fix: 'Use the Embedded backend: Install-Orchestrator -Backend Embedded',
    },
    ru: {
      what: 'Способ запуска {backend} недоступен.',
      why: '{detail}',
      fix: 'Используйте встроенный: Install-Orchestrator -Backend Embedded',
    },
  },
  ORC2013: {
    status: 500,
    en: {
      what: 'Nothing was changed: {count} checks failed.',
      why: '{detail}',
      fix: 'Mend each and run the command again; Test-Orchestrator shows them at any time.',
    },
    ru: {
      what: 'Ничего не изменено: не прошло проверок — {count}.',
      why: '{detail}',
      fix: 'Исправьте каждую и повторите; Test-Orchestrator покажет их в любой момент.',
    },
  },
  ORC2014: {
    status: 500,
    en: {
      what: 'The {part} is not built.',
      why: '{file} is missing.',
      fix: 'Run: npm run build',
    },
    ru: {
      what: 'Часть {part} не собрана.',
      why: 'Нет файла {file}.',
      fix: 'Выполните: npm run build',
    },
  },
  ORC2015: {
    status: 500,
    en: {
      what: 'No usable Node.js was found.',
      why: '{detail}',
      fix: 'Install Node.js 22.22 or later, or run npm start once: it fetches its own.',
    },
    ru: {
      what: 'Подходящий Node.js не найден.',
      why: '{detail}',
      fix: 'Установите Node.js 22.22 или новее либо выполните npm start: он скачает свой.',
    },
  },
  ORC2016: {
    status: 409,
    en: {
      what: 'Orchestrator is not installed here.',
      why: 'There is no {path}.',
      fix: 'Run npm start, or Install-Orchestrator.',
    },
    ru: {
      what: 'Orchestrator здесь не установлен.',
      why: 'Нет файла {path}.',
      fix: 'Выполните npm start или Install-Orchestrator.',
    },
  },
  ORC2021: {
    status: 409,
    en: {
      what: '{service} was not started.',
      why: 'It depends on {dependency}, which could not be started.',
      fix: 'Bring {dependency} up first: Get-OrchestratorLog shows why it failed.',
    },
    ru: {
      what: '{service} не запущена.',
      why: 'Она зависит от {dependency}, а та не запустилась.',
      fix: 'Сначала поднимите {dependency}: причину покажет Get-OrchestratorLog.',
    },
  },
  ORC2022: {
    status: 400,
    en: {
      what: 'The variable {name} has a value that cannot be used.',
      why: '{detail}',
      fix: 'Correct it in the environment or in .env.local, or remove it.',
    },
    ru: {
      what: 'Значение переменной {name} непригодно.',
      why: '{detail}',
      fix: 'Исправьте её в окружении или в .env.local либо уберите.',
    },
  },
  ORC2023: {
    status: 400,
    en: {
      what: 'There is no secret "{name}".',
      why: 'The manifest names no such secret; the nearest known one is "{nearest}". Known: {known}.',
      fix: 'Use one of these names, or add the name to "secrets" in the manifest.',
    },
    ru: {
      what: 'Секрета "{name}" нет.',
      why: 'В манифесте такого нет; ближайший известный — "{nearest}". Известны: {known}.',
      fix: 'Укажите одно из этих имён или добавьте имя в "secrets" манифеста.',
    },
  },
  ORC2024: {
    status: 400,
    en: {
      what: 'The value for {name} cannot be kept.',
      why: '{detail}',
      fix: 'Give the value again, on one line.',
    },
    ru: {
      what: 'Значение {name} нельзя сохранить.',
      why: '{detail}',
      fix: 'Введите значение ещё раз, одной строкой.',
    },
  },
  ORC2025: {
    status: 500,
    en: {
      what: 'The disk {path} is full: {free} of {total} are free.',
      why: 'Logs, state and images need room; at least 1 GB must be free.',
      fix: 'Make room: Clear-OrchestratorLog removes rotated logs.',
    },
    ru: {
      what: 'Диск {path} заполнен: свободно {free} из {total}.',
      why: 'Журналам, состоянию и картинкам нужно место: не меньше 1 ГБ.',
      fix: 'Освободите место: Clear-OrchestratorLog удаляет старые журналы.',
    },
  },
  ORC2026: {
    status: 400,
    en: {
      what: 'There is no secret called "{name}".',
      why: 'No program reads that name; the nearest known one is "{nearest}".',
      fix: 'Use a name from "secrets" in the manifest; .env.local.example describes each.',
    },
    ru: {
      what: 'Секрета с именем "{name}" нет.',
      why: 'Это имя никто не читает; ближайшее известное — "{nearest}".',
      fix: 'Возьмите имя из "secrets" манифеста; все описаны в .env.local.example.',
    },
  },
  ORC2027: {
    status: 400,
    en: {
      what: 'No value was given for {name}.',
      why: 'An empty secret counts as not set.',
      fix: 'Give the value, or use -Remove to take the secret out.',
    },
    ru: {
      what: 'Значение для {name} не указано.',
      why: 'Пустой секрет считается не заданным.',
      fix: 'Укажите значение или уберите секрет с помощью -Remove.',
    },
  },
  ORC2028: {
    status: 500,
    en: {
      what: 'nssm.exe was not found.',
      why: '{detail}',
      fix: 'Install it (choco install nssm, or unpack NSSM 2.24-101 to C:\\Program Files\\nssm), or give its path with -NssmPath.',
    },
    ru: {
      what: 'Файл nssm.exe не найден.',
      why: '{detail}',
      fix: 'Установите его (choco install nssm или распакуйте NSSM 2.24-101 в C:\\Program Files\\nssm) или укажите путь в -NssmPath.',
    },
  },
  ORC2029: {
    status: 500,
    en: {
      what: 'The command "nssm {command}" failed.',
      why: '{detail}',
      fix: 'Run the command again in an elevated session; Test-Orchestrator looks for the usual causes.',
    },
    ru: {
      what: 'Команда «nssm {command}» не удалась.',
      why: '{detail}',
      fix: 'Повторите её в сеансе администратора; Test-Orchestrator проверит обычные причины.',
    },
  },
  ORC2030: {
    status: 409,
    en: {
      what: 'The Windows service {service} is marked for deletion.',
      why: 'A program still has it open: services.msc, Task Manager, or another PowerShell session.',
      fix: 'Close them (Windows removes the service then) and repeat the command; else restart Windows.',
    },
    ru: {
      what: 'Служба Windows {service} помечена на удаление.',
      why: 'Её ещё держит открытой программа: services.msc, диспетчер задач или другой сеанс PowerShell.',
      fix: 'Закройте их (тогда Windows удалит службу) и повторите команду; иначе перезагрузите Windows.',
    },
  },
  ORC2031: {
    status: 409,
    en: {
      what: 'Another session is installing, updating or removing Orchestrator at this moment.',
      why: 'Only one may change the installation in {data} at a time.',
      fix: 'Wait until it is done, then run the command again: it changes only what still differs.',
    },
    ru: {
      what: 'Другой сеанс сейчас устанавливает, обновляет или удаляет Orchestrator.',
      why: 'Установку в {data} может менять только один сеанс.',
      fix: 'Дождитесь его завершения и повторите команду: она изменит лишь то, что ещё отличается.',
    },
  },
  ORC2050: {
    status: 403,
    en: {
      what: 'This session may not change Windows services.',
      why: 'It does not run as administrator.',
      fix: 'Close it, right-click PowerShell 7, choose "Run as administrator", and run the command there.',
    },
    ru: {
      what: 'Этому сеансу нельзя менять службы Windows.',
      why: 'Он запущен не от имени администратора.',
      fix: 'Закройте его, выберите для PowerShell 7 «Запуск от имени администратора» и повторите команду.',
    },
  },
  ORC2051: {
    status: 400,
    en: {
      what: '{path} is not a known nssm.exe.',
      why: 'Its SHA-256 is {hash}, which is in no public record of a release.',
      fix: 'Get NSSM 2.24-101 (choco install nssm), give its path with -NssmPath, or use -Force if you trust this file.',
    },
    ru: {
      what: '{path} — неизвестный nssm.exe.',
      why: 'Его SHA-256 — {hash}; такого нет среди известных выпусков.',
      fix: 'Возьмите NSSM 2.24-101 (choco install nssm), укажите путь в -NssmPath или добавьте -Force, если доверяете файлу.',
    },
  },
  ORC2052: {
    status: 400,
    en: {
      what: 'The drive {path} cannot hold what services need.',
      why: '{detail}',
      fix: 'Use folders on a fixed drive: -DataPath, -LogPath, -ComfyUIPath of Install-Orchestrator.',
    },
    ru: {
      what: 'Диск {path} не годится для служб.',
      why: '{detail}',
      fix: 'Возьмите папки на постоянном диске: -DataPath, -LogPath, -ComfyUIPath у Install-Orchestrator.',
    },
  },
  ORC2054: {
    status: 404,
    en: {
      what: 'No service to take over was found: {name}.',
      why: '{detail}',
      fix: 'Name one with -Name and say what it is with -As: panel, comfyui or guardian.',
    },
    ru: {
      what: 'Службы, которую можно принять, нет: {name}.',
      why: '{detail}',
      fix: 'Назовите её в -Name и укажите в -As, что это: panel, comfyui или guardian.',
    },
  },
  ORC2055: {
    status: 400,
    en: {
      what: 'The service {name} cannot be taken over.',
      why: '{detail}',
      fix: 'Nothing was changed. Correct that, or install anew with Install-Orchestrator.',
    },
    ru: {
      what: 'Службу {name} нельзя принять.',
      why: '{detail}',
      fix: 'Ничего не изменено. Исправьте это или установите заново: Install-Orchestrator.',
    },
  },
  ORC2056: {
    status: 404,
    en: {
      what: 'The former state of {name} cannot be put back.',
      why: '{detail}',
      fix: 'Look into the folder "adopted" below the data folder: it holds one file for each service.',
    },
    ru: {
      what: 'Прежнее состояние {name} нельзя вернуть.',
      why: '{detail}',
      fix: 'Посмотрите папку adopted в папке данных: там по файлу на каждую службу.',
    },
  },
  ORC2070: {
    status: 400,
    en: {
      what: '{path} is no release that can be used.',
      why: '{detail}',
      fix: 'Download it once more, or make it again with npm run package.',
    },
    ru: {
      what: '{path} — не пригодный выпуск.',
      why: '{detail}',
      fix: 'Скачайте его ещё раз или соберите заново: npm run package.',
    },
  },
  ORC2071: {
    status: 400,
    en: {
      what: 'The release {path} was refused.',
      why: 'It holds the path "{entry}", which leads out of the installation or is not in its list.',
      fix: 'Do not use it; get the release from where it is published.',
    },
    ru: {
      what: 'Выпуск {path} отвергнут.',
      why: 'В нём есть путь "{entry}": он ведёт наружу или не указан в списке файлов.',
      fix: 'Не используйте его; возьмите выпуск там, где его публикуют.',
    },
  },
  ORC2072: {
    status: 400,
    en: {
      what: 'The release {path} is for another platform.',
      why: 'It is for {platform}; this installation is {installed}.',
      fix: 'Get the release for {installed}.',
    },
    ru: {
      what: 'Выпуск {path} для другой платформы.',
      why: 'Он для {platform}, а здесь установлена {installed}.',
      fix: 'Возьмите выпуск для {installed}.',
    },
  },
  ORC2073: {
    status: 409,
    en: {
      what: 'Version {version} is installed already.',
      why: 'The release has the same version.',
      fix: 'To install it once more, add -Force.',
    },
    ru: {
      what: 'Версия {version} уже установлена.',
      why: 'У выпуска та же версия.',
      fix: 'Чтобы установить её ещё раз, добавьте -Force.',
    },
  },
  ORC2074: {
    status: 409,
    en: {
      what: '{path} is not an installed release.',
      why: 'It has no release.json: it is a checkout, or was put together by hand.',
      fix: 'Update a checkout with git pull and npm start; or unpack a release into a folder of its own.',
    },
    ru: {
      what: '{path} — не установленный выпуск.',
      why: 'Там нет release.json: это рабочая копия или папка, собранная вручную.',
      fix: 'Рабочую копию обновляют через git pull и npm start; выпуск распакуйте в свою папку.',
    },
  },
  ORC2075: {
    status: 500,
    en: {
      what: 'There is no room for the new version in {path}.',
      why: '{needed} are needed and {free} are free.',
      fix: 'Make room: Clear-OrchestratorLog removes rotated logs.',
    },
    ru: {
      what: 'В {path} нет места для новой версии.',
      why: 'Нужно {needed}, свободно {free}.',
      fix: 'Освободите место: Clear-OrchestratorLog удаляет старые журналы.',
    },
  },
  ORC2076: {
    status: 409,
    en: {
      what: 'An update cannot be run from panel or guardian.',
      why: 'It stops them, and so would end itself half way.',
      fix: 'Run Update-Orchestrator in a PowerShell of your own.',
    },
    ru: {
      what: 'Обновление нельзя запустить из панели или стража.',
      why: 'Оно их останавливает и прервало бы само себя.',
      fix: 'Выполните Update-Orchestrator в своём PowerShell.',
    },
  },
  ORC2077: {
    status: 500,
    en: {
      what: 'The update to {to} failed; version {from} is running again.',
      why: '{detail}',
      fix: 'Read what the new version wrote in {logs}, and report it.',
    },
    ru: {
      what: 'Обновление до {to} не удалось; снова работает версия {from}.',
      why: '{detail}',
      fix: 'Посмотрите, что новая версия написала в {logs}, и сообщите об этом.',
    },
  },
  ORC2078: {
    status: 500,
    en: {
      what: 'The update to {to} failed, and so did the return to {from}.',
      why: '{detail} Then: {second}',
      fix: 'Mend the cause, then run Install-Orchestrator: it finishes the return. Files of {from} may lie in {path}. Logs: {logs}',
    },
    ru: {
      what: 'Обновление до {to} не удалось, возврат к {from} тоже.',
      why: '{detail} Затем: {second}',
      fix: 'Устраните причину и выполните Install-Orchestrator: он закончит возврат. Файлы {from} могут лежать в {path}. Журналы: {logs}',
    },
  },
  ORC2079: {
    status: 409,
    en: {
      what: 'There is no earlier version to return to.',
      why: 'None is kept in {path}.',
      fix: 'Give the zip of the version you want: Update-Orchestrator -Path',
    },
    ru: {
      what: 'Вернуться не к чему.',
      why: 'В {path} нет прежних версий.',
      fix: 'Укажите zip нужной версии: Update-Orchestrator -Path',
    },
  },
  ORC2080: {
    status: 409,
    en: {
      what: 'An update was interrupted before.',
      why: '{done}',
      fix: 'Look at Get-OrchestratorStatus.',
    },
    ru: {
      what: 'Прошлое обновление было прервано.',
      why: '{done}',
      fix: 'Проверьте Get-OrchestratorStatus.',
    },
  },
  ORC2081: {
    status: 409,
    en: {
      what: 'The module cannot be put at {path}.',
      why: 'Something that is not ours lies there.',
      fix: 'Move it away, or leave out -AddToModulePath.',
    },
    ru: {
      what: 'Модуль нельзя поместить в {path}.',
      why: 'Там лежит что-то чужое.',
      fix: 'Уберите это или не указывайте -AddToModulePath.',
    },
  },
  ORC3001: {
    status: 500,
    en: {
      what: '{cmdlet} failed.',
      why: '{detail}',
      fix: 'Run it in PowerShell with -Verbose to see more.',
    },
    ru: {
      what: 'Сбой {cmdlet}.',
      why: '{detail}',
      fix: 'Выполните команду в PowerShell с -Verbose.',
    },
  },
  ORC3002: {
    status: 400,
    en: {
      what: 'The command "{cmdlet}" may not be called from outside PowerShell.',
      why: 'It is not on the list of allowed commands.',
      fix: 'Use one of the documented commands.',
    },
    ru: {
      what: 'Команду "{cmdlet}" нельзя вызвать извне PowerShell.',
      why: 'Её нет в списке разрешённых.',
      fix: 'Используйте описанные команды.',
    },
  },
  ORC3003: {
    status: 400,
    en: {
      what: 'The parameters of {cmdlet} are not valid.',
      why: '{detail}',
      fix: 'Correct the parameter named above.',
    },
    ru: {
      what: 'Неверные параметры {cmdlet}.',
      why: '{detail}',
      fix: 'Исправьте названный параметр.',
    },
  },
  ORC3004: {
    status: 504,
    en: {
      what: '{cmdlet} did not answer within {seconds} s.',
      why: 'PowerShell was ended and will be started anew.',
      fix: 'Try again; if it happens again, run Test-Orchestrator.',
    },
    ru: {
      what: '{cmdlet} не ответила за {seconds} с.',
      why: 'PowerShell завершён и будет запущен заново.',
      fix: 'Повторите; если это повторится, выполните Test-Orchestrator.',
    },
  },
  ORC3005: {
    status: 503,
    en: {
      what: 'PowerShell is not available.',
      why: '{detail}',
      fix: 'Install PowerShell 7.5 or later, or run npm start once: it brings its own.',
    },
    ru: {
      what: 'PowerShell недоступен.',
      why: '{detail}',
      fix: 'Установите PowerShell 7.5 или новее либо выполните npm start: он принесёт свой.',
    },
  },
  ORC3006: {
    status: 502,
    en: {
      what: 'The answer of {cmdlet} was not understood.',
      why: '{detail}',
      fix: 'Module and panel may be of different versions: run npm run build.',
    },
    ru: {
      what: 'Ответ {cmdlet} не разобран.',
      why: '{detail}',
      fix: 'Возможно, модуль и панель разных версий: выполните npm run build.',
    },
  },
  ORC4001: {
    status: 403,
    en: {
      what: 'The request was refused.',
      why: 'Its Host or Origin header does not belong to this panel.',
      fix: 'Open the panel by its own address.',
    },
    ru: {
      what: 'Запрос отклонён.',
      why: 'Заголовок Host или Origin не принадлежит этой панели.',
      fix: 'Откройте панель по её собственному адресу.',
    },
  },
  ORC4002: {
    status: 404,
    en: {
      what: 'There is nothing at {path}.',
      why: 'No page or route has this address.',
      fix: 'Check the address.',
    },
    ru: { what: 'По адресу {path} ничего нет.', why: 'Такой страницы нет.', fix: 'Проверьте адрес.' },
  },
  ORC4003: {
    status: 405,
    en: {
      what: '{method} is not possible here.',
      why: 'This address answers: {allow}.',
      fix: 'Use one of these.',
    },
    ru: { what: '{method} здесь невозможен.', why: 'Этот адрес понимает: {allow}.', fix: 'Используйте их.' },
  },
  ORC4004: {
    status: 413,
    en: {
      what: 'The request is too large.',
      why: 'At most {limit} bytes are accepted here.',
      fix: 'Send less.',
    },
    ru: {
      what: 'Запрос слишком велик.',
      why: 'Принимается не более {limit} байт.',
      fix: 'Отправьте меньше.',
    },
  },
  ORC4005: {
    status: 400,
    en: { what: 'The request was not understood.', why: '{detail}', fix: 'Correct it and send it again.' },
    ru: { what: 'Запрос не разобран.', why: '{detail}', fix: 'Исправьте и отправьте снова.' },
  },
  ORC4006: {
    status: 401,
    en: {
      what: 'A token is needed.',
      why: 'This panel can be reached from other machines.',
      fix: 'Send the header "Authorization: Bearer …" with ORCHESTRATOR_TOKEN.',
    },
    ru: {
      what: 'Нужен ключ доступа.',
      why: 'Эта панель доступна с других машин.',
      fix: 'Передайте заголовок "Authorization: Bearer …" с ORCHESTRATOR_TOKEN.',
    },
  },
  ORC4007: {
    status: 500,
    en: {
      what: 'The panel refuses to listen on {host}.',
      why: 'That address can be reached from other machines and ORCHESTRATOR_TOKEN is not set.',
      fix: 'Set it with Set-OrchestratorSecret ORCHESTRATOR_TOKEN, or use 127.0.0.1.',
    },
    ru: {
      what: 'Панель отказывается слушать {host}.',
      why: 'Этот адрес доступен с других машин, а ORCHESTRATOR_TOKEN не задан.',
      fix: 'Задайте его: Set-OrchestratorSecret ORCHESTRATOR_TOKEN, или используйте 127.0.0.1.',
    },
  },
  ORC4008: {
    status: 500,
    en: {
      what: 'Something went wrong in the panel.',
      why: 'The cause is in its log under request {requestId}.',
      fix: 'Read it: Get-OrchestratorLog panel -Tail 50',
    },
    ru: {
      what: 'В панели произошла ошибка.',
      why: 'Причина в её журнале, запрос {requestId}.',
      fix: 'Посмотрите: Get-OrchestratorLog panel -Tail 50',
    },
  },
  ORC4009: {
    status: 403,
    en: {
      what: 'This is for operators.',
      why: 'The token or session given may read only.',
      fix: 'Sign in with ORCHESTRATOR_TOKEN, or send it as "Authorization: Bearer …".',
    },
    ru: {
      what: 'Это может только оператор.',
      why: 'С этим ключом можно лишь смотреть.',
      fix: 'Войдите с ORCHESTRATOR_TOKEN или передайте его как "Authorization: Bearer …".',
    },
  },
  ORC4010: {
    status: 429,
    en: {
      what: 'Too many wrong tokens came.',
      why: 'After ten in a minute from one address nothing more is tried for a while.',
      fix: 'Wait {seconds} s, then use the right token.',
    },
    ru: {
      what: 'Слишком много неверных ключей.',
      why: 'После десяти за минуту с одного адреса проверка приостанавливается.',
      fix: 'Подождите {seconds} с и используйте верный ключ.',
    },
  },
  ORC4011: {
    status: 500,
    en: {
      what: 'The certificate of the panel cannot be used.',
      why: '{detail}',
      fix: 'Mend panel.tls in the manifest: certFile and keyFile in PEM form that belong together.',
    },
    ru: {
      what: 'Сертификат панели использовать нельзя.',
      why: '{detail}',
      fix: 'Исправьте panel.tls в манифесте: certFile и keyFile в формате PEM, подходящие друг к другу.',
    },
  },
  ORC4012: {
    status: 500,
    en: {
      what: 'A token of the panel is too short.',
      why: '{name} has {length} characters, and {host} can be reached from other machines.',
      fix: 'Set one of at least {least} random characters with Set-OrchestratorSecret.',
    },
    ru: {
      what: 'Ключ панели слишком короткий.',
      why: 'В {name} символов: {length}, а адрес {host} доступен с других машин.',
      fix: 'Задайте не менее {least} случайных символов: Set-OrchestratorSecret.',
    },
  },
  ORC4020: {
    status: 404,
    en: {
      what: 'There is no log "{name}".',
      why: 'Logs are: {known}.',
      fix: 'Give the id or an alias of a service, with .stdout or .stderr behind it for one stream.',
    },
    ru: {
      what: 'Журнала «{name}» нет.',
      why: 'Есть журналы: {known}.',
      fix: 'Укажите id или псевдоним службы; .stdout или .stderr после него — один поток.',
    },
  },
  ORC4021: {
    status: 429,
    en: {
      what: 'Too many searches at a time.',
      why: 'At most {limit} go through the logs at once.',
      fix: 'Wait for one of them, or end it.',
    },
    ru: {
      what: 'Слишком много поисков сразу.',
      why: 'Одновременно идёт не больше {limit}.',
      fix: 'Дождитесь одного из них или остановите его.',
    },
  },
  ORC4022: {
    status: 422,
    en: {
      what: 'The search was ended.',
      why: 'The pattern got nowhere for {seconds} s: it can match one line in endlessly many ways.',
      fix: 'Write it without a repetition inside a repetition, such as (a+)+.',
    },
    ru: {
      what: 'Поиск остановлен.',
      why: 'За {seconds} с шаблон не продвинулся: он подходит к одной строке бесконечно многими способами.',
      fix: 'Обойдитесь без повторения внутри повторения, например (a+)+.',
    },
  },
  ORC4023: {
    status: 404,
    en: {
      what: 'The log {log} has no file "{file}".',
      why: 'It may have been deleted meanwhile.',
      fix: 'GET /api/logs lists the files that are there.',
    },
    ru: {
      what: 'У журнала {log} нет файла «{file}».',
      why: 'Возможно, его успели удалить.',
      fix: 'GET /api/logs перечисляет имеющиеся файлы.',
    },
  },
  ORC4024: {
    status: 410,
    en: {
      what: 'That place in the log is gone.',
      why: 'Its file was deleted or emptied.',
      fix: 'Begin anew with the last lines.',
    },
    ru: {
      what: 'Этого места в журнале больше нет.',
      why: 'Его файл удалён или очищен.',
      fix: 'Начните заново с последних строк.',
    },
  },
  ORC4025: {
    status: 500,
    en: {
      what: 'The log {log} cannot be read.',
      why: 'The system says {detail}.',
      fix: 'Check who may read the files below the log folder.',
    },
    ru: {
      what: 'Журнал {log} не читается.',
      why: 'Система сообщает: {detail}.',
      fix: 'Проверьте, кому разрешено читать файлы в папке журналов.',
    },
  },
  ORC4030: {
    status: 502,
    en: { what: 'ComfyUI does not answer.', why: '{state}', fix: '{next}' },
    ru: { what: 'ComfyUI не отвечает.', why: '{state}', fix: '{next}' },
  },
  ORC4031: {
    status: 504,
    en: { what: 'ComfyUI took too long to answer.', why: '{state}', fix: '{next}' },
    ru: { what: 'ComfyUI отвечала слишком долго.', why: '{state}', fix: '{next}' },
  },
  ORC4032: {
    status: 403,
    en: {
      what: 'The panel does not pass {method} {path} on to ComfyUI.',
      why: 'Only what submits, follows and cancels jobs passes, and the files they need and make.',
      fix: 'Ask ComfyUI itself, at {address}.',
    },
    ru: {
      what: 'Панель не передаёт ComfyUI запрос {method} {path}.',
      why: 'Проходит лишь то, что отправляет, сопровождает и отменяет задания, и файлы для них.',
      fix: 'Обратитесь к самой ComfyUI: {address}.',
    },
  },
  ORC4033: {
    status: 400,
    en: {
      what: 'This workflow is in the format of ComfyUI’s page, not of its API.',
      why: 'It has "nodes" and "links" where the API wants nodes by id with class_type and inputs.',
      fix: 'In ComfyUI choose Export (API) and send that file.',
    },
    ru: {
      what: 'Это схема в формате страницы ComfyUI, а не её API.',
      why: 'В ней есть "nodes" и "links", а API нужны узлы по номерам с class_type и inputs.',
      fix: 'В ComfyUI выберите Export (API) и отправьте полученный файл.',
    },
  },
  ORC4034: {
    status: 404,
    en: {
      what: 'The manifest has no ComfyUI.',
      why: 'No service has the id or alias "comfyui" or "comfy" and a port.',
      fix: 'Add one to the manifest, then run Install-Orchestrator.',
    },
    ru: {
      what: 'В манифесте нет ComfyUI.',
      why: 'Ни у одной службы нет имени или псевдонима "comfyui" или "comfy" и порта.',
      fix: 'Добавьте её в манифест и выполните Install-Orchestrator.',
    },
  },
  ORC4040: {
    status: 404,
    en: {
      what: 'There is no incident "{id}".',
      why: 'It was never there, or it is older than the manifest keeps incidents.',
      fix: 'GET /api/incidents lists those that are kept.',
    },
    ru: {
      what: 'Сбоя «{id}» нет.',
      why: 'Его не было, или он старше, чем манифест велит хранить.',
      fix: 'GET /api/incidents перечисляет те, что хранятся.',
    },
  },
  ORC5001: {
    status: 200,
    en: {
      what: 'The state file {file} is {fault}.',
      why: '{detail}',
      fix: 'It was left alone and worked around; it is written anew at the next change.',
    },
    ru: {
      what: 'Файл состояния {file}: {fault}.',
      why: '{detail}',
      fix: 'Файл не тронут, работа продолжается; он будет записан при следующем изменении.',
    },
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errors, code);
}

export type Language = 'en' | 'ru';

/** The three sentences of an error with its data filled in; an unknown placeholder becomes an empty string. */
export function errorText({
  code,
  data = {},
  language = 'en',
}: {
  code: ErrorCode;
  data?: Readonly<Record<string, string | number>>;
  language?: Language;
}): ErrorText {
  const fill = (template: string) =>
    template.replace(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? ''));
  const { what, why, fix } = errors[code][language];
  return { what: fill(what), why: fill(why), fix: fill(fix) };
}

/** An error with a code of the registry. `message` is what, why and fix as one text. */
export class OrchestratorError extends Error {
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, string | number>>;

  constructor(code: ErrorCode, data: Readonly<Record<string, string | number>> = {}, cause?: unknown) {
    const { what, why, fix } = errorText({ code, data });
    super(`${code}: ${what} ${why} ${fix}`, cause === undefined ? undefined : { cause });
    this.name = 'OrchestratorError';
    this.code = code;
    this.data = data;
  }
}
