#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over many files at a time.

Nearly all that clang-tidy does for a file it does for the headers of the standard library, over and over. Here files
that are compiled alike are put one behind the other, parsed and checked as one. Names that two of them have (each is
at home in its own unnamed namespace) would clash: such files go to a batch of their own. Of what is found, file and
line are told as they are in the sources.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

CLANG, CLANG_TIDY = "clang++-19", "clang-tidy-19"
# The more, the fewer times the headers are read; the fewer, the better the processors share the work.
BATCH_SIZE = 24


def flags_of(entry):
    """A command of the compilation database without compiler, source and output."""
    words = shlex.split(entry["command"])[1:]
    flags, output = [], False
    for word in words:
        if output:
            output = False
        elif word == "-o":
            output = True
        elif word != "-c" and word != entry["file"]:
            flags.append(word)
    return tuple(flags)


def batches_of(entries):
    """Files that are compiled alike, in lists of about equal length."""
    alike = {}
    for file, entry in sorted(entries.items()):
        alike.setdefault((entry["directory"], flags_of(entry)), []).append(file)
    for (directory, flags), files in alike.items():
        count = -(-len(files) // BATCH_SIZE)
        for i in range(count):
            yield directory, flags, files[i::count]


class Batch:
    """The text of several files as one, in a file of its own for as long as it is needed."""

    def __init__(self, path, files):
        self.path, self.first_lines = path, []
        text = ""
        for file in files:
            # readability-duplicate-include begins anew at a macro.
            text += "#undef NEXT_FILE\n"
            self.first_lines.append((text.count("\n"), file))
            with open(file, encoding="utf-8") as source:
                text += source.read().rstrip("\n") + "\n"
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def place(self, line):
        """File and line for a line of the batch."""
        first, file = max(entry for entry in self.first_lines if entry[0] < line)
        return file, line - first

    def translated(self, output):
        def place(match):
            file, line = self.place(int(match[1]))
            return f"{file}:{line}:"

        return re.sub(re.escape(self.path) + r":(\d+):", place, output)


def clashing(output, batch):
    """The files that do not compile behind the others: where an error is, or what includes where it is."""
    files, last = set(), None
    for line in output.splitlines():
        match = re.search(re.escape(batch.path) + r":(\d+)", line)
        if match:
            last = batch.place(int(match[1]))[0]
        if ": error: " in line or ": fatal error: " in line:
            files.add(last)
    return files - {None}


def run(command, directory):
    return subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def tidy(path, directory, flags, options):
    return run(
        [CLANG_TIDY, "-quiet", f"--config-file={options.config}", *options.clang_tidy, path, "--", *flags], directory)


def check(number, directory, flags, files, options):
    """Checks files of equal flags; the output, and whether nothing was found."""
    flags = list(flags) + [f"-iquote{folder}" for folder in sorted({os.path.dirname(file) for file in files})]
    path = os.path.join(options.folder, f"batch{number}.cpp")
    output, good = "", True
    while files:
        together, later = list(files), []
        while True:
            batch = Batch(path, together)
            if len(together) == 1:
                break
            parsed = run([CLANG, *flags, "-w", "-ferror-limit=0", "-fno-show-column", "-fsyntax-only", path], directory)
            if parsed.returncode == 0:
                break
            bad = clashing(parsed.stderr, batch)
            # The first file has nothing before it to clash with: its errors are its own, to be told by clang-tidy.
            if not bad or together[0] in bad:
                bad = set(together[1:])
            later += [file for file in together if file in bad]
            together = [file for file in together if file not in bad]
        tidied = tidy(path, directory, flags, options)
        # Some of it may be so only because of the files in front: each has to show it by itself.
        found = batch.translated(tidied.stdout)
        named = [file for file in together if f"{file}:" in found]
        for file in (named or together) if tidied.returncode != 0 else []:
            alone = tidy(file, directory, flags, options)
            if alone.returncode != 0:
                good = False
                output += alone.stderr + alone.stdout
        files = later
    os.unlink(path)
    return output, good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-p", dest="build", required=True, help="the build tree with compile_commands.json")
    parser.add_argument("--config", required=True, help=".clang-tidy")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("regex", help="files whose path matches")
    parser.add_argument("clang_tidy", nargs="*", help="more options for clang-tidy, behind --")
    options = parser.parse_args()
    options.config = os.path.realpath(options.config)
    options.folder = os.path.join(os.path.realpath(options.build), "tidy-batches")
    os.makedirs(options.folder, exist_ok=True)

    with open(os.path.join(options.build, "compile_commands.json"), encoding="utf-8") as database:
        entries = {entry["file"]: entry for entry in json.load(database) if re.search(options.regex, entry["file"])}
    batches = sorted(batches_of(entries), key=lambda batch: -len(batch[2]))
    good = bool(batches)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(check, i, *batch, options) for i, batch in enumerate(batches)]
        for job in concurrent.futures.as_completed(jobs):
            output, fine = job.result()
            sys.stdout.write(output)
            sys.stdout.flush()
            good = good and fine
    sys.exit(not good)


main()
