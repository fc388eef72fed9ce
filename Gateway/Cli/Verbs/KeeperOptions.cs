using System.CommandLine;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Options of verbs that keep a tenant's users: which tenant, and who asks.</summary>
internal sealed class KeeperOptions
{
    private readonly Option<string?> _tenant = new("--tenant")
    {
        Description = "The tenant's name. Otherwise the one you are signed in at.",
        HelpName = "NAME",
        Recursive = true,
    };

    private readonly Option<bool> _operator = new("--as-operator")
    {
        Description = "With the operator token, even when you are signed in at that tenant.",
        Recursive = true,
    };

    public void AddTo(Command command)
    {
        command.Add(_tenant);
        command.Add(_operator);
    }

    /// <param name="path">Of the tenant: "/v1/tenants/{tenant}".</param>
    public ArchiveApi Open(Invocation call, out string path, out string tenant)
    {
        (var api, tenant) = call.AsKeeper(call.Parsed.GetValue(_tenant), call.Parsed.GetValue(_operator));
        path = $"/v1/tenants/{Uri.EscapeDataString(tenant)}";
        return api;
    }
}
