"""The command line as a process: how it begins and how it ends."""

import os
import subprocess
import sys
import time

BEGIN = "import sys, retouch_aes.cli.program as own\nsys.argv = ['retouch-aes', *{args!r}]\n"


def process(*args, before="", **environment):
    env = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"} | environment
    code = BEGIN.format(args=args) + before + "\nown.program()\n"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=60)


def test_the_code_and_all_output_arrive():
    done = process("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("retouch-aes ")
    assert process("no-such-command").returncode == 2


def test_a_thread_that_goes_on_holds_nobody_up():
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(30,)).start()"
    began = time.monotonic()
    assert process("--version", before=thread).returncode == 0
    assert time.monotonic() - began < 20


def test_what_is_registered_for_the_end_is_done():
    done = process("--version", before="import atexit\natexit.register(print, 'the end', file=sys.stderr)")
    assert done.stderr == "the end\n"


def test_profilers_get_a_usual_end():
    later = "class Late:\n    def __del__(self): print('taken down', file=sys.stderr)\nlate = Late()"
    assert process("--version", before=later).stderr == ""
    assert "taken down" in process("--version", before=later, RETOUCH_AES_DEBUG="1").stderr


def test_threads_sleep_while_they_wait_unless_the_user_says_otherwise():
    tell = "import atexit, os\natexit.register(lambda: print(os.environ['OMP_WAIT_POLICY'], file=sys.stderr))"
    assert process("--version", before=tell).stderr == "PASSIVE\n"
    assert process("--version", before=tell, OMP_WAIT_POLICY="ACTIVE").stderr == "ACTIVE\n"
