"""Stand-ins for servers on the internet: real HTTP servers on the loopback interface that validate requests."""
