"""Where the normal state becomes unstable towards pairs."""
