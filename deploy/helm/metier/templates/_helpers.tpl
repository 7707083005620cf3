{{- define "metier.labels" -}}
app.kubernetes.io/name: metier
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "metier.selector" -}}
app.kubernetes.io/name: metier
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{- define "metier.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "metier.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "metier.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "metier.environment" -}}
- name: METIER_HOME
  value: /var/lib/metier/home
- name: METIER__STORE__URL_ENV
  value: METIER_STORE_URL
- name: METIER_STORE_URL_FILE
  value: /etc/metier/urls/store-url
- name: METIER__KEYS__URL_ENV
  value: METIER_KEYS_URL
- name: METIER_KEYS_URL_FILE
  value: /etc/metier/urls/keys-url
- name: METIER__SERVER__HOST
  value: "0.0.0.0"
- name: METIER__SERVER__PORT
  value: "8080"
- name: METIER__SERVER__DRAIN_SECONDS
  value: {{ .Values.drain.seconds | quote }}
- name: METIER__SERVER__DRAIN_NOTICE_SECONDS
  value: {{ .Values.drain.noticeSeconds | quote }}
- name: METIER__LIMITS__REQUESTS
  value: {{ .Values.requestsAtOnce | quote }}
- name: METIER__LIMITS__MEMORY_MB
  value: {{ .Values.memoryLimitMb | quote }}
- name: METIER__TELEMETRY__LOGS
  value: json
{{- if .Values.metrics.enabled }}
- name: METIER__TELEMETRY__METRICS_HOST
  value: "0.0.0.0"
- name: METIER__TELEMETRY__METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
{{- end }}
{{- end }}

{{- define "metier.mounts" -}}
- name: home
  mountPath: /var/lib/metier
- name: tmp
  mountPath: /tmp
- name: config
  mountPath: /etc/metier/config
  readOnly: true
- name: urls
  mountPath: /etc/metier/urls
  readOnly: true
{{- if .Values.secrets.rootKey }}
- name: root-key
  mountPath: /etc/metier/root-key
  readOnly: true
{{- end }}
{{- end }}

{{- define "metier.volumes" -}}
- name: home
  emptyDir:
    medium: {{ .Values.home.medium | quote }}
    sizeLimit: {{ .Values.home.size }}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
- name: urls
  secret:
    secretName: {{ .Values.secrets.urls }}
    defaultMode: 0440
{{- if .Values.secrets.rootKey }}
- name: root-key
  secret:
    secretName: {{ .Values.secrets.rootKey }}
    defaultMode: 0440
{{- end }}
{{- end }}

{{- define "metier.files" -}}
metier.toml: {{ .Values.config | quote }}
{{- range $name, $text := .Values.policies }}
{{ $name }}: {{ $text | quote }}
{{- end }}
{{- end }}

{{- define "metier.rootKey" -}}
{{- if not (or .Values.secrets.rootKey (contains "[root]" .Values.config)) }}
{{- fail "Name the secret with the root key under secrets.rootKey, or a key service under [root] in config: a pod would make a key of its own, and what it seals could be read by no other and not after its end." }}
{{- end }}
{{- end }}

{{- define "metier.prepare" -}}
- sh
- -ec
- |
  umask 077
  mkdir -p "$METIER_HOME"
  cp -L /etc/metier/config/* "$METIER_HOME"/
  if [ -e /etc/metier/root-key/root.key ]; then
    install -m 600 /etc/metier/root-key/root.key "$METIER_HOME"/root.key
  fi
  metier setup
{{- end }}
