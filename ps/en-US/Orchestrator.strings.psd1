# Generated from core/contract by npm run schema. Do not edit.
@{
  ORC1001 = @{
    what = 'The manifest {path} was not found.'
    why = 'No file is there.'
    fix = 'Give -Manifest the right path, or set ORCHESTRATOR_MANIFEST.'
  }
  ORC1002 = @{
    what = '{path}: line {line}: the file is not JSON.'
    why = '{detail}'
    fix = 'Mend the line; an editor with JSON support shows the place.'
  }
  ORC1003 = @{
    what = '{path}: line {line}: unknown key {pointer}.'
    why = 'The manifest has no such key; the nearest known one is "{nearest}".'
    fix = 'Rename or remove the key.'
  }
  ORC1004 = @{
    what = '{path}: line {line}: {pointer} is missing.'
    why = 'The manifest is complete: it has no hidden defaults.'
    fix = 'Add the key; deploy/local/orchestrator.json shows an example of each.'
  }
  ORC1005 = @{
    what = '{path}: line {line}: {pointer} has a value that is not allowed.'
    why = '{detail}'
    fix = 'Give a value of the allowed kind.'
  }
  ORC1006 = @{
    what = '{path}: line {line}: the key {pointer} stands twice.'
    why = 'Of two equal keys only one can count, and readers differ in which.'
    fix = 'Remove one of them.'
  }
  ORC1007 = @{
    what = '{path}: line {line}: {pointer} repeats the name "{value}".'
    why = 'Ids, aliases and service names must be unique, also against each other.'
    fix = 'Choose another name.'
  }
  ORC1008 = @{
    what = '{path}: line {line}: {pointer} names "{value}", which does not come earlier.'
    why = 'File order is start order, so a service may depend on earlier entries only.'
    fix = 'Move the other service up, or remove the dependency.'
  }
  ORC1009 = @{
    what = '{path}: line {line}: {pointer} uses port {value} a second time.'
    why = 'Two services cannot listen on one port.'
    fix = 'Give one of them another port.'
  }
  ORC1010 = @{
    what = '{path}: the manifest has version {value}.'
    why = 'This Orchestrator reads version 1.'
    fix = 'Update Orchestrator, or use a manifest of version 1.'
  }
  ORC2001 = @{
    what = 'There is no service "{name}".'
    why = 'The manifest has: {known}.'
    fix = 'Use one of these names; wildcards are allowed.'
  }
  ORC2002 = @{
    what = 'Port {port} for {service} is taken by {owner}.'
    why = 'A program that is not ours listens there, so {service} was not started and nothing was stopped.'
    fix = 'End that program, or give {service} another port in the manifest.'
  }
  ORC2003 = @{
    what = '{service} was skipped.'
    why = 'A file it requires is missing: {file}.'
    fix = 'Put the file there, or correct "requires" in the manifest.'
  }
  ORC2004 = @{
    what = '{service} could not be started.'
    why = '{detail}'
    fix = 'Check "command" and "cwd" in the manifest, then run Test-Orchestrator.'
  }
  ORC2005 = @{
    what = '{service} was started but did not become healthy within {seconds} s.'
    why = '{detail}'
    fix = 'Read its log: Get-OrchestratorLog {id} -Tail 50'
  }
  ORC2006 = @{
    what = '{service} is being changed by another session.'
    why = 'Its lock was not free within {seconds} s.'
    fix = 'Wait for the other command to end, then try again.'
  }
  ORC2007 = @{
    what = '{service} could not be stopped.'
    why = '{detail}'
    fix = 'End process {processId} by hand, then run Get-OrchestratorStatus.'
  }
  ORC2008 = @{
    what = '{service} is external.'
    why = 'It is watched and used, but Orchestrator did not start it and will not stop it.'
    fix = 'Start or stop it where it runs.'
  }
  ORC2009 = @{
    what = 'The folder {path} cannot be written.'
    why = '{detail}'
    fix = 'Give this account write access to it, or choose another folder in the manifest.'
  }
  ORC2010 = @{
    what = 'No ComfyUI was found at {path}.'
    why = '{detail}'
    fix = 'Give the folder that holds ComfyUI''s main.py, or the portable folder with python_embeded.'
  }
  ORC2011 = @{
    what = 'COMFY_URL or --attach does not lead to a ComfyUI: {url}.'
    why = '{detail}'
    fix = 'Start ComfyUI there first, or correct the address.'
  }
  ORC2012 = @{
    what = 'The {backend} backend is not available.'
    why = '{detail}'
    fix = 'Use the Embedded backend: Install-Orchestrator -Backend Embedded'
  }
  ORC2013 = @{
    what = 'Nothing was changed: {count} checks failed.'
    why = '{detail}'
    fix = 'Mend each and run the command again; Test-Orchestrator shows them at any time.'
  }
  ORC2014 = @{
    what = 'The {part} is not built.'
    why = '{file} is missing.'
    fix = 'Run: npm run build'
  }
  ORC2015 = @{
    what = 'No usable Node.js was found.'
    why = '{detail}'
    fix = 'Install Node.js 22.22 or later, or run npm start once: it fetches its own.'
  }
  ORC2016 = @{
    what = 'Orchestrator is not installed here.'
    why = 'There is no {path}.'
    fix = 'Run npm start, or Install-Orchestrator.'
  }
  ORC2021 = @{
    what = '{service} was not started.'
    why = 'It depends on {dependency}, which could not be started.'
    fix = 'Bring {dependency} up first: Get-OrchestratorLog shows why it failed.'
  }
  ORC2022 = @{
    what = 'The variable {name} has a value that cannot be used.'
    why = '{detail}'
    fix = 'Correct it in the environment or in .env.local, or remove it.'
  }
  ORC2023 = @{
    what = 'There is no secret "{name}".'
    why = 'The manifest names no such secret; the nearest known one is "{nearest}". Known: {known}.'
    fix = 'Use one of these names, or add the name to "secrets" in the manifest.'
  }
  ORC2024 = @{
    what = 'The value for {name} cannot be kept.'
    why = '{detail}'
    fix = 'Give the value again, on one line.'
  }
  ORC2025 = @{
    what = 'The disk {path} is full: {free} of {total} are free.'
    why = 'Logs, state and images need room; at least 1 GB must be free.'
    fix = 'Make room: Clear-OrchestratorLog removes rotated logs.'
  }
  ORC2026 = @{
    what = 'There is no secret called "{name}".'
    why = 'No program reads that name; the nearest known one is "{nearest}".'
    fix = 'Use a name from "secrets" in the manifest; .env.local.example describes each.'
  }
  ORC2027 = @{
    what = 'No value was given for {name}.'
    why = 'An empty secret counts as not set.'
    fix = 'Give the value, or use -Remove to take the secret out.'
  }
  ORC2028 = @{
    what = 'nssm.exe was not found.'
    why = '{detail}'
    fix = 'Install it (choco install nssm, or unpack NSSM 2.24-101 to C:\Program Files\nssm), or give its path with -NssmPath.'
  }
  ORC2029 = @{
    what = 'The command "nssm {command}" failed.'
    why = '{detail}'
    fix = 'Run the command again in an elevated session; Test-Orchestrator looks for the usual causes.'
  }
  ORC2030 = @{
    what = 'The Windows service {service} is marked for deletion.'
    why = 'A program still has it open: services.msc, Task Manager, or another PowerShell session.'
    fix = 'Close them (Windows removes the service then) and repeat the command; else restart Windows.'
  }
  ORC2031 = @{
    what = 'Another session is installing, updating or removing Orchestrator at this moment.'
    why = 'Only one may change the installation in {data} at a time.'
    fix = 'Wait until it is done, then run the command again: it changes only what still differs.'
  }
  ORC2050 = @{
    what = 'This session may not change Windows services.'
    why = 'It does not run as administrator.'
    fix = 'Close it, right-click PowerShell 7, choose "Run as administrator", and run the command there.'
  }
  ORC2051 = @{
    what = '{path} is not a known nssm.exe.'
    why = 'Its SHA-256 is {hash}, which is in no public record of a release.'
    fix = 'Get NSSM 2.24-101 (choco install nssm), give its path with -NssmPath, or use -Force if you trust this file.'
  }
  ORC2052 = @{
    what = 'The drive {path} cannot hold what services need.'
    why = '{detail}'
    fix = 'Use folders on a fixed drive: -DataPath, -LogPath, -ComfyUIPath of Install-Orchestrator.'
  }
  ORC2054 = @{
    what = 'No service to take over was found: {name}.'
    why = '{detail}'
    fix = 'Name one with -Name and say what it is with -As: panel, comfyui or guardian.'
  }
  ORC2055 = @{
    what = 'The service {name} cannot be taken over.'
    why = '{detail}'
    fix = 'Nothing was changed. Correct that, or install anew with Install-Orchestrator.'
  }
  ORC2056 = @{
    what = 'The former state of {name} cannot be put back.'
    why = '{detail}'
    fix = 'Look into the folder "adopted" below the data folder: it holds one file for each service.'
  }
  ORC2070 = @{
    what = '{path} is no release that can be used.'
    why = '{detail}'
    fix = 'Download it once more, or make it again with npm run package.'
  }
  ORC2071 = @{
    what = 'The release {path} was refused.'
    why = 'It holds the path "{entry}", which leads out of the installation or is not in its list.'
    fix = 'Do not use it; get the release from where it is published.'
  }
  ORC2072 = @{
    what = 'The release {path} is for another platform.'
    why = 'It is for {platform}; this installation is {installed}.'
    fix = 'Get the release for {installed}.'
  }
  ORC2073 = @{
    what = 'Version {version} is installed already.'
    why = 'The release has the same version.'
    fix = 'To install it once more, add -Force.'
  }
  ORC2074 = @{
    what = '{path} is not an installed release.'
    why = 'It has no release.json: it is a checkout, or was put together by hand.'
    fix = 'Update a checkout with git pull and npm start; or unpack a release into a folder of its own.'
  }
  ORC2075 = @{
    what = 'There is no room for the new version in {path}.'
    why = '{needed} are needed and {free} are free.'
    fix = 'Make room: Clear-OrchestratorLog removes rotated logs.'
  }
  ORC2076 = @{
    what = 'An update cannot be run from panel or guardian.'
    why = 'It stops them, and so would end itself half way.'
    fix = 'Run Update-Orchestrator in a PowerShell of your own.'
  }
  ORC2077 = @{
    what = 'The update to {to} failed; version {from} is running again.'
    why = '{detail}'
    fix = 'Read what the new version wrote in {logs}, and report it.'
  }
  ORC2078 = @{
    what = 'The update to {to} failed, and so did the return to {from}.'
    why = '{detail} Then: {second}'
    fix = 'Mend the cause, then run Install-Orchestrator: it finishes the return. Files of {from} may lie in {path}. Logs: {logs}'
  }
  ORC2079 = @{
    what = 'There is no earlier version to return to.'
    why = 'None is kept in {path}.'
    fix = 'Give the zip of the version you want: Update-Orchestrator -Path'
  }
  ORC2080 = @{
    what = 'An update was interrupted before.'
    why = '{done}'
    fix = 'Look at Get-OrchestratorStatus.'
  }
  ORC2081 = @{
    what = 'The module cannot be put at {path}.'
    why = 'Something that is not ours lies there.'
    fix = 'Move it away, or leave out -AddToModulePath.'
  }
  ORC3001 = @{
    what = '{cmdlet} failed.'
    why = '{detail}'
    fix = 'Run it in PowerShell with -Verbose to see more.'
  }
  ORC3002 = @{
    what = 'The command "{cmdlet}" may not be called from outside PowerShell.'
    why = 'It is not on the list of allowed commands.'
    fix = 'Use one of the documented commands.'
  }
  ORC3003 = @{
    what = 'The parameters of {cmdlet} are not valid.'
    why = '{detail}'
    fix = 'Correct the parameter named above.'
  }
  ORC3004 = @{
    what = '{cmdlet} did not answer within {seconds} s.'
    why = 'PowerShell was ended and will be started anew.'
    fix = 'Try again; if it happens again, run Test-Orchestrator.'
  }
  ORC3005 = @{
    what = 'PowerShell is not available.'
    why = '{detail}'
    fix = 'Install PowerShell 7.5 or later, or run npm start once: it brings its own.'
  }
  ORC3006 = @{
    what = 'The answer of {cmdlet} was not understood.'
    why = '{detail}'
    fix = 'Module and panel may be of different versions: run npm run build.'
  }
  ORC4001 = @{
    what = 'The request was refused.'
    why = 'Its Host or Origin header does not belong to this panel.'
    fix = 'Open the panel by its own address.'
  }
  ORC4002 = @{
    what = 'There is nothing at {path}.'
    why = 'No page or route has this address.'
    fix = 'Check the address.'
  }
  ORC4003 = @{
    what = '{method} is not possible here.'
    why = 'This address answers: {allow}.'
    fix = 'Use one of these.'
  }
  ORC4004 = @{
    what = 'The request is too large.'
    why = 'At most {limit} bytes are accepted here.'
    fix = 'Send less.'
  }
  ORC4005 = @{
    what = 'The request was not understood.'
    why = '{detail}'
    fix = 'Correct it and send it again.'
  }
  ORC4006 = @{
    what = 'A token is needed.'
    why = 'This panel can be reached from other machines.'
    fix = 'Send the header "Authorization: Bearer …" with ORCHESTRATOR_TOKEN.'
  }
  ORC4007 = @{
    what = 'The panel refuses to listen on {host}.'
    why = 'That address can be reached from other machines and ORCHESTRATOR_TOKEN is not set.'
    fix = 'Set it with Set-OrchestratorSecret ORCHESTRATOR_TOKEN, or use 127.0.0.1.'
  }
  ORC4008 = @{
    what = 'Something went wrong in the panel.'
    why = 'The cause is in its log under request {requestId}.'
    fix = 'Read it: Get-OrchestratorLog panel -Tail 50'
  }
  ORC4009 = @{
    what = 'This is for operators.'
    why = 'The token or session given may read only.'
    fix = 'Sign in with ORCHESTRATOR_TOKEN, or send it as "Authorization: Bearer …".'
  }
  ORC4010 = @{
    what = 'Too many wrong tokens came.'
    why = 'After ten in a minute from one address nothing more is tried for a while.'
    fix = 'Wait {seconds} s, then use the right token.'
  }
  ORC4011 = @{
    what = 'The certificate of the panel cannot be used.'
    why = '{detail}'
    fix = 'Mend panel.tls in the manifest: certFile and keyFile in PEM form that belong together.'
  }
  ORC4012 = @{
    what = 'A token of the panel is too short.'
    why = '{name} has {length} characters, and {host} can be reached from other machines.'
    fix = 'Set one of at least {least} random characters with Set-OrchestratorSecret.'
  }
  ORC4020 = @{
    what = 'There is no log "{name}".'
    why = 'Logs are: {known}.'
    fix = 'Give the id or an alias of a service, with .stdout or .stderr behind it for one stream.'
  }
  ORC4021 = @{
    what = 'Too many searches at a time.'
    why = 'At most {limit} go through the logs at once.'
    fix = 'Wait for one of them, or end it.'
  }
  ORC4022 = @{
    what = 'The search was ended.'
    why = 'The pattern got nowhere for {seconds} s: it can match one line in endlessly many ways.'
    fix = 'Write it without a repetition inside a repetition, such as (a+)+.'
  }
  ORC4023 = @{
    what = 'The log {log} has no file "{file}".'
    why = 'It may have been deleted meanwhile.'
    fix = 'GET /api/logs lists the files that are there.'
  }
  ORC4024 = @{
    what = 'That place in the log is gone.'
    why = 'Its file was deleted or emptied.'
    fix = 'Begin anew with the last lines.'
  }
  ORC4025 = @{
    what = 'The log {log} cannot be read.'
    why = 'The system says {detail}.'
    fix = 'Check who may read the files below the log folder.'
  }
  ORC4030 = @{
    what = 'ComfyUI does not answer.'
    why = '{state}'
    fix = '{next}'
  }
  ORC4031 = @{
    what = 'ComfyUI took too long to answer.'
    why = '{state}'
    fix = '{next}'
  }
  ORC4032 = @{
    what = 'The panel does not pass {method} {path} on to ComfyUI.'
    why = 'Only what submits, follows and cancels jobs passes, and the files they need and make.'
    fix = 'Ask ComfyUI itself, at {address}.'
  }
  ORC4033 = @{
    what = 'This workflow is in the format of ComfyUI’’s page, not of its API.'
    why = 'It has "nodes" and "links" where the API wants nodes by id with class_type and inputs.'
    fix = 'In ComfyUI choose Export (API) and send that file.'
  }
  ORC4034 = @{
    what = 'The manifest has no ComfyUI.'
    why = 'No service has the id or alias "comfyui" or "comfy" and a port.'
    fix = 'Add one to the manifest, then run Install-Orchestrator.'
  }
  ORC4040 = @{
    what = 'There is no incident "{id}".'
    why = 'It was never there, or it is older than the manifest keeps incidents.'
    fix = 'GET /api/incidents lists those that are kept.'
  }
  ORC5001 = @{
    what = 'The state file {file} is {fault}.'
    why = '{detail}'
    fix = 'It was left alone and worked around; it is written anew at the next change.'
  }
}
