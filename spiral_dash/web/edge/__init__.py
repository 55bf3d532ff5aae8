"""What stands between the network and the page: names, proxies, limits, doors."""
