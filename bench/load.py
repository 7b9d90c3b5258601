"""The generator, `switchyard bench`, on the cores that the servers leave."""

import json
import subprocess

import figures
import fixtures
import peers

UNTOLD = ("pid", "runs", "scenario")  # of what the generator prints: the records know it
PATIENCE_SECONDS = 120  # beyond the measured time: connecting everything, and ending


class Load:
    def __init__(self, binary, mode):
        self.binary = binary
        self.mode = mode

    def command(self, scenario, peer, for_ms, words):
        return [str(word) for word in (
            self.binary, "bench", scenario, "--json", "--server", f"127.0.0.1:{peer.port}",
            "--pid", peer.pid(), "--warm", f"{self.mode['warm_ms']}ms", "--for", f"{for_ms}ms",
            *words)]

    def start(self, command, workers, **more):
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                preexec_fn=peers.settled(peers.load_cores(workers)), **more)

    def run(self, scenario, peer, *words, workers=1, span="for_ms"):
        """One measurement, as plain numbers."""
        for_ms = self.mode[span]
        patience = PATIENCE_SECONDS + for_ms / 1000
        process = self.start(self.command(scenario, peer, for_ms, words), workers,
                             stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            output, complaints = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired as late:
            raise peers.Failure(f"the load on {peer.name} did not end in {patience:.0f} s") from late
        finally:
            end(process)
        if process.returncode != 0:
            raise peers.Failure(last_line(complaints) or f"the load on {peer.name} failed")
        return told(output)

    def hold(self, peer, first, count, *words):
        """Links of devices that stay open until release()."""
        words = (*words, "--hold", "--connections", count, "--id", f"{fixtures.FIRST_ID + first:x}",
                 "--key", fixtures.KEY)
        process = self.start(self.command("idle", peer, 1, words), 1, stdin=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        line = process.stdout.readline()
        if not line:
            complaint = last_line(process.stderr.read())
            release(process)
            raise peers.Failure(complaint or f"the links to {peer.name} failed")
        return process, told(line)


def told(output):
    return {key: value for key, value in figures.flatten(json.loads(output)).items()
            if key not in UNTOLD}


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def end(process):
    if process.poll() is None:
        process.terminate()
        process.wait()


def release(process):
    """What holds links lets go of them when its standard input ends."""
    process.stdin.close()
    try:
        process.wait(peers.START_SECONDS)
    except subprocess.TimeoutExpired:
        end(process)
    process.stdout.close()
    process.stderr.close()
