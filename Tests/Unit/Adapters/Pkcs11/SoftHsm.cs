using System.Diagnostics;
using System.Runtime.InteropServices;
using AMA.Adapters.Local;
using AMA.Adapters.Pkcs11;
using AMA.Archive.Keys;

namespace AMA.Tests.Unit.Adapters.Pkcs11;

/// <summary>
/// Tokens of SoftHSM2, a real PKCS#11 module, in a directory of this process's own. All are made before the module is
/// loaded: it doesn't see tokens that another program makes later.
/// </summary>
internal static partial class SoftHsm
{
    public const string Pin = "836150";
    public const string TokenA = "ama-a";
    public const string TokenB = "ama-b";

    /// <summary>For tests that take all sessions away.</summary>
    public const string TokenLost = "ama-lost";

    /// <summary>
    /// For wrong PINs: a login counts for the whole process, so nobody may ever have been let into this one.
    /// </summary>
    public const string TokenClosed = "ama-closed";

    private static readonly string[] Modules =
        ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];

    private static readonly Lazy<string> Made = new(Make);

    /// <summary>The module's path, its tokens made.</summary>
    public static string Module => Made.Value;

    public static Pkcs11Place Place(string token, string keyLabel, string pin = Pin) => new()
    {
        Module = Module, TokenLabel = token, KeyLabel = keyLabel, PinFile = "the test's PIN",
        ReadPin = () => Secret.Copy(System.Text.Encoding.ASCII.GetBytes(pin)),
    };

    public static Pkcs11KeyRoot Open(Pkcs11Place place) => new(place, SystemRandom.Instance, TimeProvider.System);

    private static string Make()
    {
        var module = Array.Find(Modules, File.Exists)
            ?? throw new FileNotFoundException("SoftHSM2 is not installed: apt-get install softhsm2 (infra/test.sh does)");
        var directory = Directory.CreateTempSubdirectory("ama-softhsm-").FullName;
        var tokens = Directory.CreateDirectory(Path.Combine(directory, "tokens")).FullName;
        var settings = Path.Combine(directory, "softhsm2.conf");
        File.WriteAllText(settings, $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n");
        foreach (var token in new[] { TokenA, TokenB, TokenLost, TokenClosed }) MakeToken(settings, token);
        // The module reads the process's own environment, of which .NET only keeps a copy.
        _ = SetVariable("SOFTHSM2_CONF", settings, 1);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        return module;
    }

    private static void MakeToken(string settings, string label)
    {
        var start = new ProcessStartInfo("softhsm2-util")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["SOFTHSM2_CONF"] = settings },
        };
        foreach (var argument in (string[])
            ["--init-token", "--free", "--label", label, "--pin", Pin, "--so-pin", "74915083"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"softhsm2-util failed: {errors}");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
