import { AzureError } from '../errors.js';

/** A few sizes of each family, as a place to choose from: nothing is rented, so any other name that is one works as well. */
export const SIZES: readonly (readonly [name: string, family: string, memoryGB: number, gpus: number])[] = [
  ['Standard_DS2_v2', 'standardDSv2Family', 7, 0],
  ['Standard_DS3_v2', 'standardDSv2Family', 14, 0],
  ['Standard_DS4_v2', 'standardDSv2Family', 28, 0],
  ['Standard_E4s_v3', 'standardESv3Family', 32, 0],
  ['Standard_F4s_v2', 'standardFSv2Family', 8, 0],
  ['Standard_NC6s_v3', 'standardNCSv3Family', 112, 1],
  ['Standard_NC24ads_A100_v4', 'standardNCADSA100v4Family', 220, 1],
];

/** `Standard_DS3_v2`, `Standard_NC24ads_A100_v4`, `Standard_E4-2s_v5`: https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions */
const NAMED = /^(standard|basic)_[a-z]{1,3}\d+(-\d+)?[a-z]*(_[a-z]+\d+)?(_v\d+)?(_promo)?$/i;

/** The failure of a cluster or an instance whose size has a name that no size can have. */
export function requireSize(vmSize: unknown): void {
  if (typeof vmSize !== 'string' || NAMED.test(vmSize)) return;
  throw new AzureError(
    400,
    'InvalidPropertyValue',
    `The specified value ${vmSize} for property Cluster.Properties.VMSize is not a supported VM size. See additional details for supported VM sizes.`,
    [{ code: 'SupportedVMSizes', message: SIZES.map(([name]) => name.toUpperCase()).join(',') }],
  );
}
