"""Installations: the instrument alone in a house for weeks.

    file         patches/installations/*.toml, read strictly
    hours        when it is open: opening hours by weekday, over midnight too
    supervisor   a small parent process that starts it again, and tells systemd that it lives
    notify       sd_notify, by a datagram
    vitals       whether it lives: the counters of callback and window; /health and /metrics
    caretaker    hours, thumbnails, the nightly recycling of the dream

supervisor and notify import the standard library alone.
"""
