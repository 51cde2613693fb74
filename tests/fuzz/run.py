"""Fuzz the project's readers: python tests/fuzz/run.py [--seconds N] [TARGET ...]

Changes the saved inputs at random, and keeps at it where that reaches new code (with atheris, from
requirements.txt in this folder) or a new outcome (without). An input that breaks a target's rule is
saved in inputs/TARGET/, where tests/test_fuzz.py replays it from then on; the exit code is then 1.
"""

import argparse
import hashlib
import importlib
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
INPUTS = HERE / "inputs"
NAMES = (
    *("idx_images", "idx_labels", "gz", "train_csv", "test_csv"),
    *("picture", "training_json", "history_csv"),
)
HANG = 30  # seconds for one input: more is a broken rule, too (as atheris sees it)
MEMORY = 3000  # MiB for the process: likewise
LARGEST = 20_000  # bytes


def main():
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(NAMES)} [all]")
    parser.add_argument("--seconds", type=float, default=60, help="for each target [%(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random [%(default)s]")
    parser.add_argument(
        "--keep", action="store_true", help="save an input for each new outcome, too"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)  # the folder for broken inputs
    args = parser.parse_args()
    if unknown := set(args.targets) - set(NAMES):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if args.child:
        fuzz(args.targets[0], args)
    return max([run(name, args) for name in args.targets or NAMES])


def run(name, args):
    """Fuzz one target in a process of its own, save what broke it, and return 1 if anything did."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        command = [sys.executable, __file__, name, "--child", folder, "--seed", str(args.seed)]
        command += ["--seconds", str(args.seconds), *["--keep"] * args.keep]
        environment = {**os.environ, "TMPDIR": folder}
        process = subprocess.run(command, env=environment, check=False)
        broken = list(Path(folder).glob("broken-*"))
        for path in broken:
            print(f"{name}: BROKEN: saved as {save(name, path.read_bytes())}", flush=True)
    return int(bool(broken) or process.returncode != 0)


def save(name, data):
    """Save an input under a name made from its content, and return its path."""
    path = INPUTS / name / hashlib.sha256(data).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def fuzz(name, args):
    """Fuzz one target in this process, which ends here."""
    sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
    atheris = None
    if importlib.util.find_spec("atheris"):
        import atheris

        with atheris.instrument_imports(include=["data", "PIL"]):
            import targets

            if name in ("training_json", "history_csv"):  # they import late, with TensorFlow
                importlib.import_module("support.checkpoints")
                importlib.import_module("support.history")
    else:
        import targets
    target, seeds = targets.TARGETS[name], [path.read_bytes() for path in saved(name)]
    seeds.sort(key=len, reverse=True)
    outcomes = {target(data): data for data in seeds}  # the smallest input of each
    ours, start, count = {}, time.monotonic(), 0  # ours: what this run saved, by outcome

    def once(data):
        """Run one input. Return whether its outcome is new."""
        nonlocal count
        if time.monotonic() - start > args.seconds:
            engine = "with atheris" if atheris else "without atheris"
            print(f"{name}: {count} executions {engine}, {len(outcomes)} outcomes", flush=True)
            os._exit(0)  # libFuzzer has no other way out
        count += 1
        outcome = target(data)
        new = outcome not in outcomes
        if new or (outcome in ours and len(data) < len(outcomes[outcome])):
            outcomes[outcome] = data
            if args.keep:
                if not new:
                    ours[outcome].unlink()
                ours[outcome] = save(name, data)
        return new

    if atheris:
        corpus = Path(args.child, "corpus")
        corpus.mkdir()
        words = [
            *(sys.argv[0], f"-seed={args.seed}", f"-timeout={HANG}", f"-rss_limit_mb={MEMORY}"),
            *(f"-artifact_prefix={args.child}/broken-", f"-max_len={LARGEST}", "-verbosity=0"),
            f"-report_slow_units={HANG}",
            *("-print_final_stats=0", str(corpus), str(INPUTS / name)),
        ]

        def mutate(data, largest, seed):
            generator = random.Random(seed)
            if generator.random() < 0.2:  # libFuzzer drops inputs that reach no code of their own
                data = generator.choice(seeds)
            return mutated(data, seeds, generator, atheris.Mutate)[:largest]

        def without_result(data):
            once(data)

        atheris.Setup(words, without_result, custom_mutator=mutate)
        atheris.Fuzz()
    generator = random.Random(args.seed)
    while True:
        data = mutated(generator.choice(seeds), seeds, generator)[:LARGEST]
        try:
            if once(data):
                seeds.append(data)
        except BaseException:
            Path(args.child, "broken-input").write_bytes(data)
            raise


def saved(name):
    """Return the paths of a target's saved inputs."""
    return sorted((INPUTS / name).iterdir())


def mutated(data, seeds, generator, mutate=None):
    """Return bytes after one to four changes; `mutate(bytes, most)` is libFuzzer's own."""
    from mutations import KINDS, change, change_part

    def once(data):
        if mutate and generator.random() < 0.5:
            return bytes(mutate(data, LARGEST))
        size = generator.choice([4, 4, 40, 1000])
        words = [b"0", b"7", b"256", b"-1", b'"', b"\n", b"\r\n", b"\r", b",", b"nan", b"{", b"["]
        words += [b'"7"', b'"1\n2"', b"\r\r\n", b"\xef\xbb\xbf", b"1e3", b" 1", b"007", b"null"]
        other = generator.choice(seeds)
        start = generator.randrange(len(other) + 1)
        words += [generator.randbytes(generator.randint(1, 4)), other[start : start + size]]
        start = generator.choice([generator.randrange(24), generator.randrange(LARGEST)])
        how = generator.choice(KINDS), start, generator.randrange(size), generator.choice(words)
        return change(data, *how)

    for _ in range(generator.choice([1, 1, 1, 2, 3, 4])):
        if generator.random() < 0.6:
            numbers = generator.randrange(1000), generator.randrange(10_000)
            data = change_part(data, *numbers, once)
        else:
            data = once(data)
    return data


if __name__ == "__main__":
    sys.exit(main())
