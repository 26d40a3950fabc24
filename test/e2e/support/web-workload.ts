/** The lab's web server, and a Service with a port on every node. */
export const webWorkload = (image: string, port: number, replicas = 2): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: ${image}
        # Without a request it has the smallest share of a busy processor, and answers late whatever else is right.
        resources: {requests: {cpu: 100m}}
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 2}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, nodePort: ${port}}]
`;
