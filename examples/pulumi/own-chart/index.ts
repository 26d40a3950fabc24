/** Any cdk8s chart by `pulumi up`, with values that only Pulumi knows. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { ChartResources, OutputTokens } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const cloud = new kubernetes.Provider('cloud', {
  kubeconfig: config.requireSecret('cloudKubeconfig'),
  // Otherwise Pulumi deletes ConfigMaps and Secrets that change, and makes them anew.
  enableConfigMapMutable: true,
  enableSecretMutable: true,
});
const password = new random.RandomPassword('password', { length: 32, special: false });

const chart = new Chart(new App(), 'settings', { namespace: 'default' });
const tokens = OutputTokens.of(chart);

const host = config.get('databaseHost') ?? 'db.example.com';
const database = `postgres://shop:${tokens.asString(password.result)}@${host}/shop`;
const secret = new kplus.Secret(chart, 'database', { stringData: { url: database } });
// The password is as secret in a ConfigMap, as far as Pulumi is concerned: state, logs and previews.
const settings = new kplus.ConfigMap(chart, 'settings', { data: { 'settings.ini': `[db]\nurl = ${database}\n` } });
settings.node.addDependency(secret);

new ChartResources('settings', { chart }, { provider: cloud });
