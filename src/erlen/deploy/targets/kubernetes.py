"""Manifests for Kubernetes: containers, their service, and the way in."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from .files import File
from .image import CODE, LONGEST_STOP, PORT, USER, erlen, url_path, words
from .quoting import Unquotable
from .site import Impossible
from .start_command import WORKERS
from .yaml_text import Comment, Value, yaml_text

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .site import Site

# Between "gets no more requests" and "all balancers know it", in seconds.
_DRAIN = 10
_APPLY = "kubectl apply --filename kubernetes/"

Object: t.TypeAlias = dict[str, Value]


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    yield _file("configuration.yaml", _config_map(site), "Settings that are no secret.", _APPLY)
    yield _file("deployment.yaml", _deployment(site), *_deployment_steps(site))
    yield _file("service.yaml", _service(site), _APPLY)
    if site.domains:
        yield _file("ingress.yaml", _ingress(site), *_ingress_steps(site))
    yield _file("disruption-budget.yaml", _disruption_budget(site), _APPLY)
    # SECURITY: 'kubectl apply' reads what ends in .yaml: empty secrets would replace the true ones.
    yield _file(
        "secret.yaml.example",
        _secret(site),
        "Shows which names are needed, and is not applied. Make it from a file that nobody commits:",
        f"kubectl create secret generic {site.name} --from-env-file=.env",
    )
    if site.has_migrations:
        # In a folder of its own: an object with a generated name is created, not applied.
        yield _file("jobs/migrate.yaml", _migration(site), *_migration_steps(site))


def _file(name: str, value: Object, *apply: str) -> File:
    return File(f"kubernetes/{name}", yaml_text(value), apply)


def _deployment_steps(site: Site) -> Iterator[str]:
    yield f"Put the whole name of the image in the place of '{site.name}:1', with a new tag for each version."
    yield _APPLY
    yield f"kubectl rollout status deployment/{site.name}"


def _ingress_steps(site: Site) -> Iterator[str]:
    if site.has_https:
        yield f"The certificate: kubectl create secret tls {site.name}-tls --cert=cert.pem --key=key.pem"
    if not site.trusts_proxies:
        yield "Set TRUSTED_PROXIES to the network of the controller; without it, that is the client."
    yield _APPLY


def _migration_steps(site: Site) -> Iterator[str]:
    yield "Before the new deployment is applied, with the same image:"
    yield "kubectl create --filename kubernetes/jobs/migrate.yaml"


def _object(site: Site, kind: str, version: str = "v1", **more: Value) -> Object:
    return {"apiVersion": version, "kind": kind, "metadata": _metadata(site), **more}


def _metadata(site: Site) -> Object:
    return {"name": site.name, "labels": _labels(site)}


def _labels(site: Site) -> Object:
    return {"app.kubernetes.io/name": site.name}


def _config_map(site: Site) -> Object:
    data: Object = {
        Comment("The processes of a container, which sees all CPUs of its machine."): "",
        "WEB_CONCURRENCY": str(site.workers or WORKERS),
    }
    return _object(site, "ConfigMap", data=data)


def _secret(site: Site) -> Object:
    names = site.project.variables or ("SECRET_KEY",)
    return _object(site, "Secret", type="Opaque", stringData=dict.fromkeys(names, ""))


def _deployment(site: Site) -> Object:
    spec: Object = {
        "replicas": 2,
        "selector": {"matchLabels": _labels(site)},
        Comment("A new one is ready before an old one stops."): "",
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {"metadata": {"labels": _labels(site)}, "spec": _pod(site)},
    }
    return _object(site, "Deployment", "apps/v1", spec=spec)


def _pod(site: Site) -> Object:
    return {
        Comment("Longer than draining and the requests that are under way may take together."): "",
        "terminationGracePeriodSeconds": _DRAIN + LONGEST_STOP,
        **_confined(),
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": _labels(site)},
            }
        ],
        "containers": [{**_container(site, _served(site)), **_watched(site)}],
        "volumes": _volumes(site),
    }


def _served(site: Site) -> tuple[str, ...]:
    return (*words(site), "--drain", str(_DRAIN)) if site.server == "erlen" else words(site)


def _watched(site: Site) -> Object:
    """Return what asks the container, and what lets balancers notice its end."""
    live, ready = _probe(site, site.health.live), _probe(site, site.health.ready)
    watched: Object = {
        "ports": [{"name": "http", "containerPort": PORT}],
        "startupProbe": {**live, "periodSeconds": 2, "failureThreshold": 60},
        "livenessProbe": {**live, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3},
        "readinessProbe": {**ready, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 1},
    }
    if site.server != "erlen":
        # `erlen serve --drain` waits itself.
        watched["lifecycle"] = {"preStop": {"exec": {"command": ["sleep", str(_DRAIN)]}}}
    return watched


def _probe(site: Site, path: str | None) -> Object:
    if path is None:
        return {"tcpSocket": {"port": "http"}}
    return {"httpGet": {"path": url_path(site, path), "port": "http"}}


def _container(site: Site, command: Sequence[str]) -> Object:
    """Return a container of the image that runs a command."""
    mounts: list[Value] = [{"name": "temporary", "mountPath": "/tmp"}]
    if site.project.instance is not None:
        mounts.append({"name": "instance", "mountPath": f"{CODE}/{site.project.instance}"})
    return {
        "name": site.name,
        "image": f"{site.name}:1",
        "command": [_not_expanded(word) for word in command],
        "envFrom": [{"configMapRef": {"name": site.name}}, {"secretRef": {"name": site.name}}],
        "resources": {
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"memory": "512Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
    }


def _not_expanded(word: str) -> str:
    """Return a word of a command; Kubernetes reads `$(NAME)` in it as a variable, and `$$` as `$`."""
    if "\0" in word:
        raise Unquotable(f"{word!r} has NUL in it, which a command cannot hold.")
    return word.replace("$", "$$")


def _confined() -> Object:
    """Return what pods may not do."""
    return {
        "automountServiceAccountToken": False,
        Comment("Variables for each service of the namespace are nothing that the application reads."): "",
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def _volumes(site: Site) -> list[Value]:
    volumes: list[Value] = [{"name": "temporary", "emptyDir": {}}]
    if site.project.instance is not None:
        lost = Comment("Lost with the pod: data belongs in a database, or a PersistentVolumeClaim is here.")
        volumes.append({"name": "instance", lost: "", "emptyDir": {}})
    return volumes


def _migration(site: Site) -> Object:
    pod: Object = {
        "restartPolicy": "Never",
        **_confined(),
        "containers": [_container(site, erlen(site, "db", "upgrade"))],
        "volumes": _volumes(site),
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": f"{site.name}-migrate-", "labels": _labels(site)},
        "spec": {
            Comment("One that has failed is looked at, not tried again."): "",
            "backoffLimit": 0,
            "activeDeadlineSeconds": 600,
            "ttlSecondsAfterFinished": 86400,
            "template": {"spec": pod},
        },
    }


def _service(site: Site) -> Object:
    ports: Value = [{"name": "http", "port": 80, "targetPort": "http"}]
    return _object(site, "Service", spec={"selector": _labels(site), "ports": ports})


def _ingress(site: Site) -> Object:
    if site.prefix and not site.server_gets_whole_path:
        raise Impossible(
            f"An Ingress passes the whole path, and {site.server} looks for it without {site.prefix!r}: use"
            " another '--server', or '--prefix /'."
        )
    hosts = list(site.domains)
    backend: Object = {"service": {"name": site.name, "port": {"name": "http"}}}
    path: Object = {"path": site.prefix or "/", "pathType": "Prefix", "backend": backend}
    spec: Object = {"tls": [{"hosts": hosts, "secretName": f"{site.name}-tls"}]} if site.has_https else {}
    spec["rules"] = [{"host": each, "http": {"paths": [path]}} for each in hosts]
    metadata = _metadata(site)
    if annotations := _annotations(site):
        metadata[Comment("Other controllers than ingress-nginx have names of their own for these.")] = ""
        metadata["annotations"] = annotations
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}


def _annotations(site: Site) -> Object:
    said: dict[str, str] = {}
    if site.largest_body is not None:
        # A body at the limit passes, and one above it is answered by the application.
        said["proxy-body-size"] = str(site.largest_body + 1)
    if site.event_streams:
        said["proxy-buffering"] = "off"
    if site.event_streams or site.websockets:
        said["proxy-read-timeout"] = "3600"
    return {f"nginx.ingress.kubernetes.io/{name}": value for name, value in said.items()}


def _disruption_budget(site: Site) -> Object:
    spec: Mapping[str, Value] = {"maxUnavailable": 1, "selector": {"matchLabels": _labels(site)}}
    return _object(site, "PodDisruptionBudget", "policy/v1", spec=spec)
