using System.CommandLine;
using System.Text;
using System.Text.Json;
using AMA.Archive.Log.Merkle;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>"ama audit": what Control recorded about the keys of the tenant whose auditor is signed in.</summary>
internal static class Audit
{
    public static Command Define(VerbRunner run)
    {
        var since = SinceOption();
        var verify = new Option<bool>("--verify") { Description = "Check every entry against what Control signed." };
        var command = new Command("audit", "Who got which key of your tenant, when and why (as its auditor).")
        {
            since, verify,
        };
        return run.Set(command, async (call, cancel) =>
        {
            using var api = call.AsPerson();
            var check = call.Parsed.GetValue(verify) ? new AuditProofs() : null;
            string? cursor = null;
            do
            {
                var path = "/v1/audit/leases" + QueryOf(("since", call.Parsed.GetValue(since)), ("cursor", cursor));
                var page = await api.GetAsync<AuditPage>(path, cancel);
                if (call.Json) call.Say(page.Json);
                else foreach (var item in page.Value.Items) call.Say(AuditText.Of(item.Record));
                check?.Add(page.Value);
                cursor = page.Value.Next;
            }
            while (cursor is not null);
            if (check is null) return ExitCode.Ok;
            foreach (var finding in check.Findings()) call.Note(finding);
            return check.Holds ? ExitCode.Ok : ExitCode.Failure;
        });
    }

    internal static Option<string?> SinceOption() => new("--since")
    {
        Description = "Entries from then on, such as 2026-03-04T05:06Z; otherwise all.", HelpName = "TIME",
    };

    internal static string QueryOf(params (string Name, string? Value)[] parts)
    {
        var set = parts.Where(part => part.Value is not null)
            .Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}").ToArray();
        return set.Length == 0 ? "" : "?" + string.Join('&', set);
    }
}

/// <summary>One entry on one line; names in it may be anybody's, and are made safe for a terminal.</summary>
internal static class AuditText
{
    private static readonly string[] Details =
        ["tenantName", "tenant", "silo", "purpose", "person", "lease", "reason"];

    public static string Of(string record)
    {
        using var json = JsonDocument.Parse(record);
        var entry = json.RootElement;
        var line = new StringBuilder();
        line.Append(Text(entry, "time")).Append("  ");
        line.Append(Text(entry, "granted") == "true" ? "granted " : "refused ").Append(Text(entry, "act"));
        foreach (var name in Details)
            if (entry.TryGetProperty(name, out _)) line.Append("  ").Append(name).Append('=').Append(Text(entry, name));
        return line.ToString();
    }

    private static string Text(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out var value)) return "?";
        return Printable.Of(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
    }
}

/// <summary>Checks what the server says against what Control signed, with nothing but hashes and one public key.</summary>
internal sealed class AuditProofs
{
    private readonly HashSet<string> _keys = [];
    private long _entries;
    private long _bad;
    private long _size;
    private bool _unsigned;

    public bool Holds => !_unsigned && _bad == 0 && _keys.Count == 1;

    public void Add(AuditPage page)
    {
        _keys.Add(page.VerifierKey);
        _entries += page.Items.Length;
        if (!VerifierKey.TryRead(page.VerifierKey, out var name, out var key)
            || !Checkpoint.TryVerify(page.Checkpoint, name, key, out var signed))
        {
            _unsigned = true;
            return;
        }
        _size = signed.Size;
        _bad += page.Items.Count(item => !IsIn(item, signed));
    }

    public IEnumerable<string> Findings()
    {
        yield return _unsigned
            ? "The log's checkpoint is NOT signed by the key that was shown."
            : $"Control's signed checkpoint covers {_size} entries of the region.";
        yield return _bad > 0
            ? $"{_bad} of {_entries} entries are NOT in the log that was signed: altered, or never recorded."
            : $"All {_entries} entries of your tenant stand in it, unaltered.";
        if (_keys.Count > 1) yield return "The server showed different keys: something is wrong.";
        foreach (var key in _keys)
            yield return $"Signed with {Printable.Of(key)}; compare it with the key your provider published.";
    }

    private static bool IsIn(AuditItem item, Checkpoint signed)
    {
        try
        {
            var leaf = AuditLeaf.HashOf(Convert.FromBase64String(item.Salt), Encoding.UTF8.GetBytes(item.Record));
            var path = item.Path.Select(Convert.FromBase64String).ToArray();
            return MerkleProofs.IncludesLeaf(leaf, item.Index, signed.Size, path, signed.Root);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
