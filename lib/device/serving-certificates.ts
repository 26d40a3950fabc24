import ipaddr from 'ipaddr.js';
import { derive } from '../core/placeholders/placeholder';

/** Label of a MachineDeployment that says who approves its kubelet's serving certificates: absent, or `manual`. */
export const SERVING_CERTIFICATES_LABEL = 'edge-constructs.io/serving-certificates';

/** Label of a MachineDeployment with the addresses that its node's serving certificates may name. */
export const ADDRESSES_LABEL = 'edge-constructs.io/addresses';

/** The settings of a machine for serving certificates, as labels, which may change at any time, unlike annotations. */
export function servingCertificateLabels(
  addresses: readonly string[] | undefined,
  isApproved: boolean,
): Record<string, string> {
  return {
    ...(isApproved ? {} : { [SERVING_CERTIFICATES_LABEL]: 'manual' }),
    ...(addresses === undefined
      ? {}
      : {
          [ADDRESSES_LABEL]: derive('addresses of a machine', addresses, (known) =>
            known.map(addressInLabel).join('_'),
          ),
        }),
  };
}

/** Writes an address for a label, which can't contain colons, and has to end with a letter or digit. */
function addressInLabel(text: string): string {
  return ipaddr.process(text).toNormalizedString().replaceAll(':', '-');
}
