using System.Buffers;
using System.Buffers.Binary;
using System.Net;

namespace AMA.Gateway.Smtp.Protocol;

public enum ProxyVerdict
{
    /// <summary>More octets are needed.</summary>
    Unfinished,

    /// <summary>Not version 2 of the PROXY protocol, or nothing we could believe.</summary>
    Broken,

    /// <summary>The balancer speaks for itself (a health check): the connection's own address counts.</summary>
    Local,

    /// <summary>It speaks for a client.</summary>
    Proxied,
}

/// <summary>
/// The head that a load balancer puts in front of a connection: PROXY protocol version 2 (HAProxy's proxy-protocol.txt,
/// §2.2), TCP over IPv4 and IPv6. Version 1 is text that a client could be made to send, and is not taken.
/// </summary>
public static class ProxyHeader
{
    private const int HeadBytes = 16;
    private const int V4Bytes = 12;
    private const int V6Bytes = 36;

    /// <summary>Of the addresses and the fields behind them, which we skip.</summary>
    private const int RestBytesMax = 4_096;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Takes the head off <paramref name="buffer"/> when it is whole.</summary>
    public static ProxyVerdict Take(ref ReadOnlySequence<byte> buffer, out IPAddress? client)
    {
        client = null;
        Span<byte> head = stackalloc byte[HeadBytes];
        var got = (int)Math.Min(buffer.Length, HeadBytes);
        buffer.Slice(0, got).CopyTo(head);
        var compared = Math.Min(got, Signature.Length);
        if (!head[..compared].SequenceEqual(Signature[..compared])) return ProxyVerdict.Broken;
        if (got < HeadBytes) return ProxyVerdict.Unfinished;
        var length = BinaryPrimitives.ReadUInt16BigEndian(head[14..]);
        if (length > RestBytesMax) return ProxyVerdict.Broken;
        if (buffer.Length < HeadBytes + length) return ProxyVerdict.Unfinished;
        var verdict = Decide(head[12], head[13], buffer.Slice(HeadBytes, length), out client);
        buffer = buffer.Slice(HeadBytes + length);
        return verdict;
    }

    private static ProxyVerdict Decide(byte command, byte family, ReadOnlySequence<byte> rest, out IPAddress? client)
    {
        client = null;
        if (command == 0x20) return ProxyVerdict.Local;
        if (command != 0x21) return ProxyVerdict.Broken;
        if (family == 0x11 && rest.Length >= V4Bytes) client = new IPAddress(rest.Slice(0, 4).ToArray());
        if (family == 0x21 && rest.Length >= V6Bytes) client = new IPAddress(rest.Slice(0, 16).ToArray());
        return client is null ? ProxyVerdict.Broken : ProxyVerdict.Proxied;
    }
}
