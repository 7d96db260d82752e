"""Settings, from the environment alone. Each variable is documented where it is read."""

from pathlib import Path

from environs import Env

env = Env(prefix="POSTURE_")

BASE_DIR = Path(__file__).resolve().parent.parent

# POSTURE_DEBUG: tracebacks in the terminal and the browser; never in production.
DEBUG = env.bool("DEBUG", False)

# POSTURE_ADVISORIES_FILE: where `manage.py advisories --install` keeps newer advisories than those
# that come with Posture; every process that judges must be able to read it. Unset: only those.
ADVISORIES_FILE = env.path("ADVISORIES_FILE", None)

# POSTURE_POLICY_FILE: what the organisation decides (docs/policy.md). Unset: the defaults.
POLICY_FILE = env.path("POLICY_FILE", None)

INSTALLED_APPS = ["hosts.apps.HostsConfig", "scans.apps.ScansConfig"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
