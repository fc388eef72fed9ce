using AMA.Silo.Control.Roots;

namespace AMA.Silo.Control;

/// <summary>Files with secrets in them that others than their owner may read or change.</summary>
internal static class ExposedFiles
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Their paths, each once. What is not there, or hides its mode, is not named.</summary>
    public static IEnumerable<string> Of(ControlSiloOptions options) =>
        new[] { options.OperatorTokenFile }.Concat(Of(options.KeyRootA)).Concat(Of(options.KeyRootB))
            .Distinct().Where(IsExposed);

    private static IEnumerable<string> Of(KeyRootOptions root)
    {
        if (root.Software.PassphraseFile is { } passphrase) yield return passphrase;
        if (root.Pkcs11 is { } module) yield return module.PinFile;
    }

    private static bool IsExposed(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & Others) != 0;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
