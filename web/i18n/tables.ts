import { common as enCommon } from './en/common.ts';
import { diagnostics as enDiagnostics } from './en/diagnostics.ts';
import { images as enImages } from './en/images.ts';
import { incidents as enIncidents } from './en/incidents.ts';
import { logs as enLogs } from './en/logs.ts';
import { machine as enMachine } from './en/machine.ts';
import { services as enServices } from './en/services.ts';
import { simple as enSimple } from './en/simple.ts';
import { common as ruCommon } from './ru/common.ts';
import { diagnostics as ruDiagnostics } from './ru/diagnostics.ts';
import { images as ruImages } from './ru/images.ts';
import { incidents as ruIncidents } from './ru/incidents.ts';
import { logs as ruLogs } from './ru/logs.ts';
import { machine as ruMachine } from './ru/machine.ts';
import { services as ruServices } from './ru/services.ts';
import { simple as ruSimple } from './ru/simple.ts';

/** The texts of each language by group; a page's script gets only the groups that it needs. */
export const en = {
  common: enCommon,
  diagnostics: enDiagnostics,
  images: enImages,
  incidents: enIncidents,
  logs: enLogs,
  machine: enMachine,
  services: enServices,
  simple: enSimple,
};

export const ru = {
  common: ruCommon,
  diagnostics: ruDiagnostics,
  images: ruImages,
  incidents: ruIncidents,
  logs: ruLogs,
  machine: ruMachine,
  services: ruServices,
  simple: ruSimple,
};
