using AMA.Adapters.Local;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Keys;
using AMA.Silo.Control.Roots;
using Microsoft.Extensions.Logging;

namespace AMA.Silo.Control;

/// <summary>Opens both key roots, and with them the region's keys; makes what a first start needs.</summary>
internal sealed partial class ControlKeys(
    ControlSiloOptions options, ControlSiloParts parts, ControlKeyRoots roots, KeyRingSlot slot,
    ILogger<ControlKeys> log)
{
    /// <summary>First of all: what can die in the stores is readable only with them.</summary>
    public void OpenRoots()
    {
        Warn("a", options.KeyRootA);
        Warn("b", options.KeyRootB);
        OpenRoots(options, parts, roots);
    }

    public static void OpenRoots(ControlSiloOptions options, ControlSiloParts parts, ControlKeyRoots roots)
    {
        var a = Open("a", options, parts);
        roots.Set([a]); // disposed of with the silo, even when b does not open
        roots.Set([a, Open("b", options, parts)]);
        if (roots.All.All(root => root.Root is SilentKeyRoot))
            throw new KeyRootException(KeyRootFault.Denied, string.Join(" ", roots.All.Select(root => root.Root.Description)));
    }

    /// <summary>A root that can't be opened now doesn't keep the other one from serving.</summary>
    public static StoreKeyRoot Open(string name, ControlSiloOptions options, ControlSiloParts parts)
    {
        var opening = new KeyRootOpening(parts);
        try
        {
            return new(name, name == "a"
                ? opening.Open(options.KeyRootA, options.DirectoryA) : opening.Open(options.KeyRootB, options.DirectoryB));
        }
        catch (KeyRootException fault) when (fault.IsSilent)
        {
            return new(name, new SilentKeyRoot(fault));
        }
    }

    public async Task OpenAsync(ControlStores stores, CancellationToken cancel)
    {
        var files = new PrivateFiles(parts.Files);
        var ring = new KeyRingOpening(stores.Both, options.Region, parts.Random, parts.Time);
        var token = new OperatorTokenFile(files, parts.Random);
        slot.Set(await ring.OpenAsync(roots.All, () => token.Make(options.OperatorTokenFile), cancel));
        token.Settle(options.OperatorTokenFile, slot.Ring.OperatorTokenHash);
        foreach (var path in ExposedFiles.Of(options)) LogExposed(path);
    }

    private void Warn(string name, KeyRootOptions root)
    {
        if (root is { Kind: KeyRootKind.Software, Software.IsPlain: true }) LogPlain(name);
    }

    [LoggerMessage(2, LogLevel.Warning,
        "Others than its owner may read or change {path}, which holds a secret: chmod 600")]
    private partial void LogExposed(string path);

    [LoggerMessage(1, LogLevel.Warning,
        "Key root {name} is a plain file: whoever reads Control's disk has every key. Set "
        + "AMA:Control:Software:PassphraseFile or :Credential, or AMA:Control:KeyRoot")]
    private partial void LogPlain(string name);
}
