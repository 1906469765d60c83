import type { BridgeRequest } from '../contract/envelope.ts';
import { OrchestratorError } from '../contract/errors.ts';
import type { CmdletContract } from './bridge.ts';

/**
 * The request for an allowed cmdlet with valid parameters. Throws ORC3002 for any other name and ORC3003 for parameters
 * that the contract does not know or allow; the values themselves are never part of the message.
 */
export function checkedRequest({
  id,
  name,
  params = {},
  cmdlets,
  maxBytes,
}: {
  id: string;
  name: string;
  params?: unknown;
  cmdlets: CmdletContract;
  maxBytes: number;
}): BridgeRequest {
  const entry = Object.hasOwn(cmdlets, name) ? cmdlets[name] : undefined;
  if (!entry) throw new OrchestratorError('ORC3002', { cmdlet: name.slice(0, 128) });
  const invalid = (detail: string) => new OrchestratorError('ORC3003', { cmdlet: name, detail });
  const result = entry.params.safeParse(params);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw invalid(`${issue?.path.map(String).join('.') || 'parameters'}: ${issue?.message ?? ''}`);
  }
  const request = { id, cmdlet: name, params: result.data as Record<string, unknown> };
  if (Buffer.byteLength(JSON.stringify(request)) > maxBytes) throw invalid(`They exceed ${maxBytes} bytes.`);
  return request;
}
