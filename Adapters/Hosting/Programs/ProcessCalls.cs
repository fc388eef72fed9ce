using System.Runtime.InteropServices;

namespace AMA.Adapters.Hosting.Programs;

/// <summary>System calls on the process itself, which .NET does not offer.</summary>
internal static partial class ProcessCalls
{
    public const int SetDumpable = 4;
    public const int LimitCore = 4;

    [LibraryImport("libc.so.6", EntryPoint = "prctl", SetLastError = true)]
    public static partial int Control(int option, nuint argument, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc.so.6", EntryPoint = "setrlimit", SetLastError = true)]
    public static partial int SetLimit(int resource, in ResourceLimit limit);

    [LibraryImport("libc.so.6", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc.so.6", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Execute(string path, string?[] arguments);

    public struct ResourceLimit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
