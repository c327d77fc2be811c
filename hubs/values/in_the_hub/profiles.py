# Profiles as written. Nulls, which mean "none of this" to KubeSpawner, and the order of options and choices come by
# ways of their own (values/nulls.py, values/profile_order.py).
#
# `allowed_groups` of profiles, choices and unlisted choices: who is in none of the groups does not see them, and can't
# ask for them through the API either, since KubeSpawner validates against this same list.
from copy import deepcopy

from tornado.web import HTTPError
from z2jh import get_config


def _complete_profiles(profile_list):
    for *path, last in get_config("custom.imagebuilding.profile_nulls", []):
        item = profile_list
        for step in path:
            item = item[step]
        item[last] = None
    for *path, last, keys in get_config("custom.imagebuilding.profile_order", []):
        item = profile_list
        for step in path:
            item = item[step]
        item[last] = {key: item[last][key] for key in keys}
    return profile_list


def _profiles_for_user(profile_list):
    def allowed(item, groups):
        wanted = item.pop("allowed_groups", None)
        return wanted is None or not groups.isdisjoint(group.casefold() for group in wanted)

    def options_left(profile, groups):
        for option in profile.get("profile_options", {}).values():
            had_choices = bool(option.get("choices"))
            option["choices"] = {
                name: choice for name, choice in option.get("choices", {}).items() if allowed(choice, groups)
            }
            if "unlisted_choice" in option and not allowed(option["unlisted_choice"], groups):
                del option["unlisted_choice"]
            if had_choices and not option["choices"] and not option.get("unlisted_choice", {}).get("enabled"):
                return False
        return True

    def for_user(spawner):
        groups = {group.name.casefold() for group in spawner.user.groups}
        profiles = [
            profile for profile in deepcopy(profile_list) if allowed(profile, groups) and options_left(profile, groups)
        ]
        if not profiles:
            raise HTTPError(
                403,
                "You are in none of the groups that may start a server here."
                " If you joined one just now, log out and in again.",
            )
        return profiles

    return for_user


if c.KubeSpawner.get("profile_list"):
    c.KubeSpawner.profile_list = _profiles_for_user(_complete_profiles(c.KubeSpawner.profile_list))
