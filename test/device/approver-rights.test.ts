import type { k8s } from 'cdk8s-plus-27';
import { ServingCertificateApprover } from '../../lib';
import { find, render } from '../support/render';

const objects = render((chart) => {
  new ServingCertificateApprover(chart, 'approver', { imagePullSecrets: ['registry'] });
});

test('the approver can change nothing that it runs from, and runs as nobody', () => {
  const { jobTemplate } = find(objects, 'CronJob', 'approver').spec as k8s.CronJobSpec;
  const pod = jobTemplate.spec?.template.spec;
  expect(pod?.containers.map(({ volumeMounts }) => volumeMounts)).toEqual([
    [{ name: 'script', mountPath: '/etc/approver', readOnly: true }],
  ]);
  expect(pod?.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 65534,
    runAsGroup: 65534,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(pod?.imagePullSecrets).toEqual([{ name: 'registry' }]);
});

test('only its own pod gets the token of its account', () => {
  const { automountServiceAccountToken } = find(
    objects,
    'ServiceAccount',
    'approver',
  ) as unknown as k8s.KubeServiceAccountProps;
  const { jobTemplate } = find(objects, 'CronJob', 'approver').spec as k8s.CronJobSpec;
  expect([automountServiceAccountToken, jobTemplate.spec?.template.spec?.automountServiceAccountToken]).toEqual([
    false,
    true,
  ]);
});
