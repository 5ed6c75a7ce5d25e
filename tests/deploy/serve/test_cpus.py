"""How many CPUs a process may use, by made-up trees of control groups and by real ones."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from erlen.deploy.serve import errors
from erlen.deploy.serve.cpus import default_workers, usable_cpus
from erlen.deploy.serve.errors import ServeError

V2 = "31 23 0:28 {root} {point} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
V1 = "32 31 0:29 {root} {point} rw - cgroup cgroup rw,cpu,cpuacct"


@pytest.fixture(autouse=True)
def many_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)


class Tree:
    """A made-up root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "proc/self").mkdir(parents=True)

    def proc(self, cgroup: str, *mounts: str) -> None:
        (self.root / "proc/self/cgroup").write_text(cgroup)
        (self.root / "proc/self/mountinfo").write_text("".join(f"{mount}\n" for mount in mounts))

    def write(self, path: str, content: str) -> None:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    def version_1(self, folder: str, quota: int, period: int = 100_000) -> None:
        self.write(f"{folder}/cpu.cfs_quota_us", f"{quota}\n")
        self.write(f"{folder}/cpu.cfs_period_us", f"{period}\n")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def v2(root: str = "/", point: str = "/sys/fs/cgroup") -> str:
    return V2.format(root=root, point=point)


def v1(root: str = "/", point: str = "/sys/fs/cgroup/cpu,cpuacct") -> str:
    return V1.format(root=root, point=point)


def test_without_control_groups_affinity_counts(tree: Tree) -> None:
    assert usable_cpus(tree.root) == 64


def test_without_affinity_the_cpus_of_the_machine_count(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert usable_cpus(tree.root) == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cpus(tree.root) == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),  # all of it takes two workers
        ("10000 100000\n", 1),
        ("400000 50000\n", 8),
        ("9900000 100000\n", 64),  # more than there are
        ("max 100000\n", 64),
        ("", 64),
        ("\n", 64),
        ("0 0\n", 64),
        ("0 100000\n", 64),
        ("-1 100000\n", 64),
        ("100000\n", 64),
        ("nan 100000\n", 64),
        ("1e3 100\n", 64),
        ("1 1 1\n", 64),
    ],
)
def test_a_quota_of_version_2(tree: Tree, content: str, expected: int) -> None:
    tree.proc("0::/shop.slice\n", v2())
    tree.write("/sys/fs/cgroup/shop.slice/cpu.max", content)
    assert usable_cpus(tree.root) == expected


@pytest.mark.parametrize(
    ("quota", "period", "expected"),
    [(200_000, 100_000, 2), (25_000, 10_000, 3), (1_000, 100_000, 1), (-1, 100_000, 64), (100_000, 0, 64)],
)
def test_a_quota_of_version_1(tree: Tree, quota: int, period: int, expected: int) -> None:
    tree.proc("12:memory:/other\n4:cpu,cpuacct:/shop\n1:name=systemd:/x\n", v1())
    tree.version_1("/sys/fs/cgroup/cpu,cpuacct/shop", quota, period)
    assert usable_cpus(tree.root) == expected


@pytest.mark.parametrize(
    ("quotas", "expected"),
    [
        ({"a": 800_000, "a/b": 300_000, "a/b/c": 500_000}, 3),
        ({"a": 200_000}, 2),
        ({"": 400_000, "a/b/c": 700_000}, 4),
        ({"a/b/c": 100_000, "a/b/c/d": 50_000, "z": 50_000}, 1),
    ],
)
def test_the_smallest_quota_on_the_way_up_counts(tree: Tree, quotas: dict[str, int], expected: int) -> None:
    tree.proc("4:cpu:/a/b/c\n0::/a/b/c\n", v1(point="/one"), v2(point="/two"))
    for folder, quota in quotas.items():
        tree.version_1(f"/one/{folder}", quota)
    assert usable_cpus(tree.root) == expected
    for folder, quota in quotas.items():
        tree.version_1(f"/one/{folder}", -1)
        tree.write(f"/two/{folder}/cpu.max", f"{quota} 100000")
    assert usable_cpus(tree.root) == expected


def test_of_both_versions_the_smaller_quota_counts(tree: Tree) -> None:
    tree.proc("4:cpu:/\n0::/\n", v1(point="/one"), v2(point="/two"))
    tree.version_1("/one", 300_000)
    tree.write("/two/cpu.max", "200000 100000")
    assert usable_cpus(tree.root) == 2


def test_a_container_that_sees_only_its_part_of_the_hierarchy(tree: Tree) -> None:
    tree.proc("4:cpu,cpuacct:/docker/abc/worker\n", v1(root="/docker/abc"))
    tree.version_1("/sys/fs/cgroup/cpu,cpuacct/worker", 500_000)
    tree.version_1("/sys/fs/cgroup/cpu,cpuacct", 200_000)
    assert usable_cpus(tree.root) == 2


@pytest.mark.parametrize("path", ["/../../outside", "/docker/other", "/"])
def test_a_path_that_is_not_below_the_mount_means_the_mount(tree: Tree, path: str) -> None:
    tree.proc(f"0::{path}\n", v2(root="/docker/abc"))
    tree.write("/sys/fs/cgroup/cpu.max", "300000 100000")
    tree.write("/sys/outside/cpu.max", "100000 100000")
    tree.write("/outside/cpu.max", "100000 100000")
    assert usable_cpus(tree.root) == 3


def test_a_mount_point_with_a_space(tree: Tree) -> None:
    tree.proc("0::/a b\n", v2(point="/control\\040groups"))
    tree.write("/control groups/a b/cpu.max", "100000 100000")
    assert usable_cpus(tree.root) == 1


@pytest.mark.parametrize(
    ("cgroup", "mount"),
    [
        ("", v2()),
        ("0\n", v2()),
        ("0:\n", v2()),
        ("::\n", v2()),
        ("0::/shop\n", "- - -"),
        ("0::/shop\n", "1 2 3 - cgroup2"),
        ("0::/shop\n", v1()),
        ("4:cpu:/shop\n", v2()),
        ("4:cpuset:/shop\n", v1()),
    ],
)
def test_lines_that_say_nothing_about_this_process_are_passed_over(
    tree: Tree, cgroup: str, mount: str
) -> None:
    tree.proc(cgroup, mount)
    for folder in ("/sys/fs/cgroup/shop", "/sys/fs/cgroup/cpu,cpuacct/shop"):
        tree.write(f"{folder}/cpu.max", "100000 100000")
        tree.version_1(folder, 100_000)
    assert usable_cpus(tree.root) == 64


@pytest.mark.parametrize("value", ["1", "7", "9999", " 12 "])
def test_web_concurrency_is_the_number_of_workers(tree: Tree, value: str) -> None:
    assert default_workers({"WEB_CONCURRENCY": value}, tree.root) == int(value)


@pytest.mark.parametrize("environ", [{}, {"WEB_CONCURRENCY": ""}, {"WEB_CONCURRENCY": " "}])
def test_without_it_there_is_a_worker_for_each_cpu(tree: Tree, environ: dict[str, str]) -> None:
    tree.proc("0::/\n", v2())
    tree.write("/sys/fs/cgroup/cpu.max", "300000 100000")
    assert default_workers(environ, tree.root) == 3


@pytest.mark.parametrize(
    "value", ["0", "00", "-1", "2.5", "two", "1\n2", "٣", "²", "0x2", "1_0", "10000", "9" * 5000]
)
def test_a_web_concurrency_that_is_no_number_of_workers_is_an_error(value: str) -> None:
    with pytest.raises(ServeError, match=r"WEB_CONCURRENCY is .* a number from 1 to 9999") as caught:
        default_workers({"WEB_CONCURRENCY": value})
    assert caught.value.status == errors.USAGE
    assert len(caught.value.message) < 250


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is Linux's")
def test_a_process_that_may_use_one_cpu_counts_one() -> None:
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        " from erlen.deploy.serve.cpus import usable_cpus; print(usable_cpus())"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "1\n"


@pytest.fixture
def real_group() -> Iterator[Path]:
    """A control group of this machine that has CPU quotas; only root can make one."""
    for top in map(Path, ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup")):
        group = top / f"erlen-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            if (group / "cpu.max").exists() or (group / "cpu.cfs_quota_us").exists():
                yield group
                return
        finally:
            group.rmdir()
    pytest.skip("no control group can be made here")


def test_a_quota_of_a_real_control_group_counts(real_group: Path) -> None:
    if (real_group / "cpu.max").exists():
        (real_group / "cpu.max").write_text("50000 100000")
    else:
        (real_group / "cpu.cfs_quota_us").write_text("50000")
    program = (
        "import os, pathlib; from erlen.deploy.serve import cpus;"
        " os.sched_getaffinity = lambda _: set(range(64));"
        f" pathlib.Path({str(real_group / 'cgroup.procs')!r}).write_text('0'); print(cpus.usable_cpus())"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "1\n"
