using System.Runtime.InteropServices;
using AMA.Archive.Keys.Roots;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace AMA.Adapters.Pkcs11;

/// <summary>
/// The modules that this process has loaded. C_Initialize and C_Finalize count for the whole process, so roots that use
/// the same module share it, and the last one to leave finalizes it.
/// </summary>
internal static class Pkcs11Modules
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, Pkcs11Module> Modules = [];

    /// <summary>
    /// The interop library asks for "libdl", a name that only development packages bring; the C library's own name for
    /// it is there always.
    /// </summary>
    static Pkcs11Modules() => NativeLibrary.SetDllImportResolver(
        typeof(Pkcs11InteropFactories).Assembly,
        (name, _, _) => name == "libdl" ? NativeLibrary.Load("libdl.so.2") : IntPtr.Zero);

    /// <summary>The module, loaded and initialized. Give it back with <see cref="Release"/>.</summary>
    public static Pkcs11Module Acquire(string path)
    {
        lock (Gate)
        {
            if (!Modules.TryGetValue(path, out var loaded)) Modules[path] = loaded = Load(path);
            loaded.Users++;
            return loaded;
        }
    }

    public static void Release(string path)
    {
        lock (Gate)
        {
            if (!Modules.TryGetValue(path, out var loaded) || --loaded.Users > 0) return;
            Modules.Remove(path);
            loaded.Ciphers.Dispose();
            loaded.Library.Dispose();
        }
    }

    private static Pkcs11Module Load(string path)
    {
        if (Platform.NativeULongSize != 8 || Platform.StructPackingSize != 0)
            throw new KeyRootException(KeyRootFault.Misconfigured, "PKCS#11 key roots need 64-bit Linux.");
        if (!File.Exists(path))
            throw Misconfigured(path, "is not there. Install the device's PKCS#11 module, or name its path");
        try
        {
            var factories = new Pkcs11InteropFactories();
            return new(
                factories.Pkcs11LibraryFactory.LoadPkcs11Library(factories, path, AppType.MultiThreaded), new(path));
        }
        catch (Pkcs11Exception e)
        {
            throw Misconfigured(path, $"can't start ({e.RV}). Look at the module's own configuration, then at", e);
        }
        catch (Exception e) when (e is UnmanagedException or BadImageFormatException or DllNotFoundException
            or EntryPointNotFoundException)
        {
            throw Misconfigured(path, $"can't be loaded ({e.Message}). Name a PKCS#11 module for this machine", e);
        }
    }

    private static KeyRootException Misconfigured(string path, string what, Exception? inner = null) =>
        new(KeyRootFault.Misconfigured, $"The PKCS#11 module {path} {what} in AMA:Control:Pkcs11:Module.", inner);
}

/// <summary>A module that is loaded and initialized.</summary>
/// <param name="library">Tokens, sessions, objects.</param>
/// <param name="ciphers">The same functions bare: the process has one copy of the module.</param>
internal sealed class Pkcs11Module(IPkcs11Library library, Net.Pkcs11Interop.LowLevelAPI80.Pkcs11Library ciphers)
{
    public IPkcs11Library Library { get; } = library;
    public Net.Pkcs11Interop.LowLevelAPI80.Pkcs11Library Ciphers { get; } = ciphers;
    public int Users { get; set; }
}
