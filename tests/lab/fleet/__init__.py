"""How the lab is built, started and stopped: the standard library alone, since it runs first."""
