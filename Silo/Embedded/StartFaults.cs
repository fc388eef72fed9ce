using System.Net.Sockets;
using System.Security.Cryptography;
using AMA.Archive.Keys.Roots;

namespace AMA.Silo.Embedded;

/// <summary>Says in one sentence why the start failed and what to do about it.</summary>
internal static class StartFaults
{
    public static string Explain(Exception fault, EmbeddedOptions options) => fault switch
    {
        IOException when InUse(fault) => $"AMA can't listen: {fault.Message} Stop the other program, or choose other "
            + "ports with AMA:Smtp:Endpoint, AMA:Smtp:ImplicitTlsEndpoint and AMA:Web:Endpoint.",
        IOException when fault.Message.Contains(".lock", StringComparison.Ordinal) =>
            $"The data directory {options.Data.Root} is in use by another AMA process. Stop that one, or choose "
            + "another directory with AMA:DataDirectory.",
        UnauthorizedAccessException => $"AMA may not write to its data directory: {fault.Message} Give this user the "
            + "rights, or choose another directory with AMA:DataDirectory.",
        KeyRootException => $"Control's keys can't be opened: {fault.Message}",
        CryptographicException => $"AMA could not read a certificate or key: {fault.Message}",
        _ => $"AMA could not start: {fault.Message}\n{fault}",
    };

    private static bool InUse(Exception fault) =>
        fault.InnerException is SocketException || fault.InnerException?.InnerException is SocketException
        || fault.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase);
}
