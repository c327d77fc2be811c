# `allowed_groups` of profiles, choices and unlisted choices: who is in none of the groups does not see them, and can't
# ask for them through the API either, since KubeSpawner validates against this same list.
from copy import deepcopy

from tornado.web import HTTPError


def _filtered_profiles(profile_list):
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
            profile
            for profile in deepcopy(profile_list)
            if allowed(profile, groups) and options_left(profile, groups)
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
    c.KubeSpawner.profile_list = _filtered_profiles(c.KubeSpawner.profile_list)
