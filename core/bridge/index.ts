export {
  type Bridge,
  type BridgeAnswer,
  type BridgeLimits,
  type BridgeOptions,
  type BridgeStats,
  type CallOptions,
  type CmdletContract,
  createBridge,
} from './bridge.ts';
export { type BridgeClock, systemClock } from './clock.ts';
export { CmdletError, isBridgeFailure } from './failures.ts';
