using SharpFuzz;

namespace AMA.Tests.Fuzz;

/// <summary>Makes a copy of this program that writes down where it goes.</summary>
internal static class Instrumentation
{
    private const string Library = "AMA.Gateway.Smtp.dll";
    private const string Prefix = "AMA.Gateway.Smtp.Protocol.";

    /// <summary>Copies <paramref name="from"/> to <paramref name="to"/>, which must not be there yet.</summary>
    public static void CopyTo(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        var types = Fuzzer.Instrument(
            Path.Combine(to, Library), name => name.StartsWith(Prefix, StringComparison.Ordinal), Options.Value);
        if (!types.Any()) throw new InvalidOperationException($"{Library} has no type below {Prefix}");
    }
}
