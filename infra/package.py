#!/usr/bin/env python3
"""Makes target/package/<context>.zip of each context in routes.json: what Lambda is given.

The same sources make the same bytes, wherever they lie: paths are mapped out of the programs, and the zip has one file
with a fixed date. Sizes are printed and held to their budget. Needs cargo-lambda (PyPI: cargo-lambda) on the PATH.

    infra/package.py [arm64|x86_64]

arm64 (Graviton) is what costs least and what Terraform takes by default. Where Rust cannot build for it (the target is not
installed), the zips are made for this machine, and target/package/architecture says so to `make deploy`.
"""

import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PACKAGE = ROOT / "target" / "package"
# Bytes of a zip (the design's budget): media carries the image codecs.
BUDGET = 4_000_000
BUDGETS = {"media": 6_000_000}
# Amazon Linux 2023 has glibc 2.34.
GLIBC = (2, 34)
RUST_TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}


def complain(sentence):
    sys.exit(f"package: {sentence}")


def output_of(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True, cwd=ROOT).stdout


def installed_targets():
    """The targets that Rust can build for, without asking rustup to fetch any."""
    library = pathlib.Path(output_of("rustc", "--print", "sysroot").strip(), "lib", "rustlib")
    return {folder.name for folder in library.iterdir() if (folder / "lib").is_dir()}


def chosen(wanted):
    here = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine())
    if RUST_TARGETS[wanted] in installed_targets():
        return wanted, wanted == here
    if here is None:
        complain(f"Rust has no target {RUST_TARGETS[wanted]} here: rustup target add {RUST_TARGETS[wanted]}")
    print(
        f"package: Rust has no target {RUST_TARGETS[wanted]} here, so the zips are made for {here}, this machine's own. "
        f"For {wanted}: rustup target add {RUST_TARGETS[wanted]}",
        file=sys.stderr,
    )
    return here, True


def build(contexts, architecture, native):
    environment = dict(os.environ)
    cargo_home = environment.get("CARGO_HOME", str(pathlib.Path.home() / ".cargo"))
    sysroot = output_of("rustc", "--print", "sysroot").strip()
    places = [(str(ROOT), "/madang"), (cargo_home, "/cargo"), (sysroot, "/rust")]
    environment["RUSTFLAGS"] = " ".join(f"--remap-path-prefix={place}={name}" for place, name in places)
    environment["CFLAGS"] = " ".join(f"-ffile-prefix-map={place}={name}" for place, name in places)
    environment["CARGO_INCREMENTAL"] = "0"
    # mozjpeg writes down when it was built.
    environment["SOURCE_DATE_EPOCH"] = "0"
    packages = [word for context in contexts for word in ("--package", context)]
    if native:
        # Not beside what `cargo build --release` makes without the flags: each would throw out the other's.
        folder = TARGET / "package-build"
        command = ["cargo", "build", "--release", "--locked", "--target-dir", str(folder)]
        subprocess.run(command + packages, check=True, cwd=ROOT, env=environment)
        return {context: folder / "release" / context for context in contexts}
    if not shutil.which("cargo-lambda"):
        own = "target/venv-cargo-lambda/bin/cargo-lambda"
        subprocess.run(["make", "--silent", own], check=True, cwd=ROOT)
        environment["PATH"] = f"{(ROOT / own).parent}{os.pathsep}{environment['PATH']}"
    folder = TARGET / "lambda"
    command = ["cargo", "lambda", "build", "--release", "--locked", f"--{architecture.replace('_', '-')}"]
    command += ["--lambda-dir", str(folder)]
    subprocess.run(command + packages, check=True, cwd=ROOT, env=environment)
    return {context: folder / context / "bootstrap" for context in contexts}


def glibc_of(bootstrap):
    """The newest glibc a program asks for, or nothing where objdump is missing."""
    if not shutil.which("objdump"):
        return None
    symbols = subprocess.run(["objdump", "-T", bootstrap], text=True, capture_output=True, check=False).stdout
    versions = {tuple(map(int, version.split("."))) for version in re.findall(r"GLIBC_([0-9.]+)", symbols)}
    return max(versions, default=None)


def zipped(bootstrap, target):
    info = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    info.create_system = 3
    info.external_attr = 0o100755 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(info, bootstrap.read_bytes(), compresslevel=9)


def main():
    if sys.version_info < (3, 9):
        complain("needs Python 3.9 or newer")
    wanted = sys.argv[1] if len(sys.argv) > 1 else "arm64"
    if wanted not in RUST_TARGETS:
        complain(f'the architecture is arm64 or x86_64, not "{wanted}"')
    routes = json.loads((ROOT / "infra/terraform/routes.json").read_text())
    contexts = sorted({route["context"] for route in routes})
    architecture, native = chosen(wanted)
    PACKAGE.mkdir(parents=True, exist_ok=True)
    bootstraps = build(contexts, architecture, native)

    for stale in PACKAGE.glob("*.zip"):
        stale.unlink()
    (PACKAGE / "here-only").unlink(missing_ok=True)
    faults = []
    for context in contexts:
        bootstrap = bootstraps[context]
        target = PACKAGE / f"{context}.zip"
        zipped(bootstrap, target)
        size, budget = target.stat().st_size, BUDGETS.get(context, BUDGET)
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        print(f"{context:<14} {size:9,} bytes of {budget:,}  sha256 {digest[:16]}")
        if size > budget:
            faults.append(f"{context}.zip has {size} bytes, {size - budget} more than its budget")
        glibc = glibc_of(bootstrap)
        if glibc and glibc > GLIBC:
            sentence = f"{context} asks for glibc {glibc[0]}.{glibc[1]}, Lambda has {GLIBC[0]}.{GLIBC[1]}"
            print(f"package: {sentence}: good for the emulator on this machine, not for AWS", file=sys.stderr)
            (PACKAGE / "here-only").write_text(f"{sentence}\n")
        if native:
            holds = sorted(output_of(str(bootstrap), "--routes").split())
            declared = sorted(route["name"] for route in routes if route["context"] == context)
            if holds != declared:
                faults.append(f"{context} holds {holds}, routes.json says {declared}: run `make generate`")
    (PACKAGE / "architecture").write_text(f"{architecture}\n")
    if faults:
        complain("; ".join(faults))
    print(f"for {architecture}, in {PACKAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
