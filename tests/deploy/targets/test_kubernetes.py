"""The manifests are valid for old and new versions, and say the same whatever the site is called."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from erlen.deploy.targets import kubernetes
from erlen.deploy.targets.image import LONGEST_STOP
from erlen.deploy.targets.project import Project
from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.site import SERVERS, HealthPaths, Impossible, Site
from erlen.deploy.targets.start_command import GRACE
from tests.amounts import part_of

from .hostile import missing, texts
from .sites import site

FULL = site(
    project=Project(instance="my data", variables=("MAIL_PASSWORD", "SECRET_KEY")),
    has_migrations=True,
    health=HealthPaths("/livez", "/readyz"),
    event_streams=("/events",),
    prefix="/shop",
    trusts_proxies=False,
)
LITTLE = site(domains=(), has_https=False, largest_body=None)


def manifests(each: Site) -> dict[str, Any]:
    return {file.path: yaml.safe_load(file.text) for file in kubernetes.files(each)}


def pod_of(each: Site, name: str = "deployment.yaml") -> Any:
    return manifests(each)[f"kubernetes/{name}"]["spec"]["template"]["spec"]


def container_of(each: Site, name: str = "deployment.yaml") -> Any:
    (container,) = pod_of(each, name)["containers"]
    return container


@pytest.mark.slow
@pytest.mark.parametrize("each", [FULL, LITTLE, site(server="uvicorn")], ids=["all", "little", "uvicorn"])
@pytest.mark.parametrize("which", [0, -1], ids=["oldest", "newest"])
def test_each_version_of_kubernetes_takes_them(each: Site, which: int) -> None:
    """Without `strict` it would not see misspelt keys."""
    try:
        import kubernetes_validate
        from kubernetes_validate.utils import all_versions
    except ImportError:
        missing("kubernetes-validate is missing: pip install kubernetes-validate.")
    version = all_versions()[which]
    for document in manifests(each).values():
        # A name that the server makes is none to this tool's messages.
        document["metadata"].setdefault("name", "generated")
        kubernetes_validate.validate(document, version, strict=True)
    wrong = manifests(each)["kubernetes/deployment.yaml"]
    wrong["spec"]["template"]["spec"]["terminationGrace"] = 1
    with pytest.raises(kubernetes_validate.ValidationError, match="terminationGrace"):
        kubernetes_validate.validate(wrong, version, strict=True)


@pytest.mark.parametrize("name", ["deployment.yaml", "jobs/migrate.yaml"])
def test_pods_may_do_little(name: str) -> None:
    pod = pod_of(FULL, name)
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    said = pod["securityContext"]
    assert (said["runAsNonRoot"], said["runAsUser"], said["runAsGroup"]) == (True, 10001, 10001)
    assert said["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container_of(FULL, name)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_what_is_written_goes_to_volumes() -> None:
    mounts = {each["name"]: each["mountPath"] for each in container_of(FULL)["volumeMounts"]}
    assert mounts == {"temporary": "/tmp", "instance": "/app/my data"}
    assert {each["name"] for each in pod_of(FULL)["volumes"]} == set(mounts)


def test_kubernetes_waits_longer_than_draining_and_the_last_request() -> None:
    command = container_of(FULL)["command"]
    drain, grace = (int(command[command.index(option) + 1]) for option in ("--drain", "--grace"))
    assert grace == GRACE
    assert pod_of(FULL)["terminationGracePeriodSeconds"] == drain + LONGEST_STOP


@pytest.mark.parametrize("server", [server for server in SERVERS if server != "erlen"])
def test_other_servers_serve_until_balancers_have_noticed(server: str) -> None:
    container = container_of(site(server=server))
    assert container["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "10"]
    assert "--drain" not in container["command"]
    assert "lifecycle" not in container_of(site())


def test_probes_ask_below_the_prefix_for_what_the_application_answers() -> None:
    container = container_of(FULL)
    assert container["startupProbe"]["httpGet"] == {"path": "/shop/livez", "port": "http"}
    assert container["livenessProbe"]["httpGet"]["path"] == "/shop/livez"
    assert container["readinessProbe"]["httpGet"]["path"] == "/shop/readyz"


def test_without_health_checks_a_connection_is_enough() -> None:
    container = container_of(LITTLE)
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[name]["tcpSocket"] == {"port": "http"}


def test_no_secret_is_applied() -> None:
    """`kubectl apply --filename kubernetes/` reads what ends in .yaml, .yml and .json, and no folders."""
    files = {file.path: file for file in kubernetes.files(FULL)}
    applied = [path for path in files if re.fullmatch(r"kubernetes/[^/]+\.(ya?ml|json)", path)]
    kinds = {manifests(FULL)[path]["kind"] for path in applied}
    assert kinds == {"ConfigMap", "Deployment", "Service", "Ingress", "PodDisruptionBudget"}
    example = manifests(FULL)["kubernetes/secret.yaml.example"]
    assert example["stringData"] == {"MAIL_PASSWORD": "", "SECRET_KEY": ""}
    assert manifests(LITTLE)["kubernetes/secret.yaml.example"]["stringData"] == {"SECRET_KEY": ""}


def test_the_deployment_reads_what_the_others_are_called() -> None:
    made = manifests(FULL)
    references = container_of(FULL)["envFrom"]
    assert references == [{"configMapRef": {"name": "shop"}}, {"secretRef": {"name": "shop"}}]
    labels = made["kubernetes/deployment.yaml"]["spec"]["template"]["metadata"]["labels"]
    assert made["kubernetes/service.yaml"]["spec"]["selector"] == labels
    assert made["kubernetes/disruption-budget.yaml"]["spec"]["selector"]["matchLabels"] == labels
    # The service sends nothing to a job.
    assert "metadata" not in made["kubernetes/jobs/migrate.yaml"]["spec"]["template"]


def test_the_ingress_has_hosts_prefix_and_limits() -> None:
    ingress = manifests(FULL)["kubernetes/ingress.yaml"]
    hosts = ["shop.example", "www.shop.example"]
    assert ingress["spec"]["tls"] == [{"hosts": hosts, "secretName": "shop-tls"}]
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == hosts
    (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
    assert (path["path"], path["pathType"]) == ("/shop", "Prefix")
    assert ingress["metadata"]["annotations"] == {
        "nginx.ingress.kubernetes.io/proxy-body-size": "1000001",
        "nginx.ingress.kubernetes.io/proxy-buffering": "off",
        "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
    }
    assert "kubernetes/ingress.yaml" not in manifests(LITTLE)


def test_migrations_are_a_job_of_each_version() -> None:
    job = manifests(FULL)["kubernetes/jobs/migrate.yaml"]
    assert job["metadata"]["generateName"] == "shop-migrate-"
    command = container_of(FULL, "jobs/migrate.yaml")["command"]
    assert command == ["/venv/bin/erlen", "--app", "wsgi:app", "db", "upgrade"]
    assert "kubernetes/jobs/migrate.yaml" not in manifests(LITTLE)


@settings(max_examples=part_of(200))
@given(texts)
def test_odd_names_are_the_same_or_refused(name: str) -> None:
    odd = site(application=f"wsgi:{name}", project=Project(instance=name), prefix=f"/{name}")
    try:
        container = container_of(odd)
        ingress = manifests(odd)["kubernetes/ingress.yaml"]
    except Unquotable:
        assert {"\0", "\ud800"}.intersection(name)
        return
    # Kubernetes reads `$(NAME)` in commands, and `$$` as `$`.
    assert container["command"][2] == f"wsgi:{name}".replace("$", "$$")
    assert container["volumeMounts"][1]["mountPath"] == f"/app/{name}"
    assert ingress["spec"]["rules"][0]["http"]["paths"][0]["path"] == f"/{name}"


@pytest.mark.parametrize("server", ["gunicorn", "uvicorn"])
def test_a_server_that_wants_the_prefix_cut_off_is_refused_below_one(server: str) -> None:
    with pytest.raises(Impossible, match="passes the whole path"):
        list(kubernetes.files(site(server=server, prefix="/shop")))
