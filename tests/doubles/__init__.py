"""Stand-ins for servers on the internet: real HTTP servers on loopback that check what they are sent."""
