# Where repositories may come from: BinderHub.repo_providers has the names of classes, BinderHub needs the classes.
import binderhub.repoproviders

c.BinderHub.repo_providers = {
    prefix: getattr(binderhub.repoproviders, provider) if isinstance(provider, str) else provider
    for prefix, provider in c.BinderHub.repo_providers.items()
}
