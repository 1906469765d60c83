import { floatText, isObject, type Json } from '../json.ts';
import type { InputInfo } from '../nodes/describe.ts';
import type { Catalog, NodeSpec } from '../nodes/spec.ts';
import { PyError, repr, str, toBool, toFloat, toInt } from './python.ts';
import type { Inputs } from './types.ts';

/** With more choices than this, the list is replaced by its length. */
const MAX_LISTED = 20;

/** What is wrong with a node, as `node_errors` tells it. */
export interface Finding {
  type: string;
  message: string;
  details: string;
  extra_info: Record<string, unknown>;
}

/** An input's type and options as error messages show them. */
export const configOf = (info: InputInfo, { profile }: Catalog): readonly unknown[] =>
  info.shown.length === 1 && !profile.validation.bareConfig ? [...info.shown, {}] : info.shown;

export const typeText = (type: InputInfo['type']): string =>
  typeof type === 'string' ? type : repr([...type]);

function convert(value: Json, type: InputInfo['type'], booleans: boolean): Json {
  if (type === 'INT') return toInt(value);
  if (type === 'FLOAT') return toFloat(value);
  if (type === 'STRING') return str(value);
  if (type === 'BOOLEAN' && booleans) return toBool(value);
  return value;
}

const numberText = (value: Json, type: InputInfo['type']): string =>
  type === 'FLOAT' ? floatText(Number(value)) : str(value);

function checkRange(value: Json, info: InputInfo, extra: Record<string, unknown>): Finding | null {
  const { min, max } = info.limits as { min?: number; max?: number | bigint };
  if (typeof value !== 'number' && typeof value !== 'bigint') return null;
  const say = (number: Json): string => numberText(number, info.type);
  if (min !== undefined && value < min)
    return {
      type: 'value_smaller_than_min',
      message: `Value ${say(value)} smaller than min of ${say(min)}`,
      details: info.name,
      extra_info: extra,
    };
  if (max !== undefined && value > max)
    return {
      type: 'value_bigger_than_max',
      message: `Value ${say(value)} bigger than max of ${say(max)}`,
      details: info.name,
      extra_info: extra,
    };
  return null;
}

function checkChoice(value: Json, info: InputInfo, extra: Record<string, unknown>): Finding | null {
  const { choices } = info;
  if (!choices || (typeof value === 'string' && choices.includes(value))) return null;
  const long = choices.length > MAX_LISTED;
  const list = long ? `(list of length ${choices.length})` : repr([...choices]);
  return {
    type: 'value_not_in_list',
    message: 'Value not in list',
    details: `${info.name}: '${str(value)}' not in ${list}`,
    extra_info: long ? { ...extra, input_config: null } : extra,
  };
}

/** Converts a plain value in place, and says what is wrong with it. */
export function checkValue(
  inputs: Inputs,
  info: InputInfo,
  spec: NodeSpec,
  catalog: Catalog,
): Finding | null {
  const { validation } = catalog.profile;
  const given = inputs[info.name] as Json;
  const extra = { input_name: info.name, input_config: configOf(info, catalog), received_value: given };
  let value: Json;
  try {
    const wrapped = isObject(given) && Object.hasOwn(given, '__value__') && validation.booleans;
    value = convert(wrapped ? (given.__value__ as Json) : given, info.type, validation.booleans);
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
    return {
      type: 'invalid_input_type',
      message: `Failed to convert an input value to a ${typeText(info.type)} value`,
      details: `${info.name}, ${str(given)}, ${error.message}`,
      extra_info: { ...extra, exception_message: error.message },
    };
  }
  inputs[info.name] = value;
  if (spec.customInputs?.includes(info.name)) return null;
  const found = { ...extra, received_value: value };
  return checkRange(value, info, found) ?? checkChoice(value, info, found);
}
