using System.Security.Cryptography;
using AMA.Archive.Keys.Roots;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace AMA.Adapters.Pkcs11;

/// <summary>
/// Sessions with one token: each operation has one to itself, for a session runs one operation at a time. The process
/// is logged in once, by a session that stays open for that. A token that was gone is found, and logged in to, again.
/// Safe for several threads.
/// </summary>
internal sealed class TokenSessions(Pkcs11Place place) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<ISession> _idle = [];
    private Pkcs11Module? _module;
    private ISlot? _slot;
    private ISession? _login;
    private int _connection;
    private bool _disposed;

    /// <summary>For operations only: before the first one nothing is connected.</summary>
    public TokenCipher Cipher =>
        new((_module ?? throw new InvalidOperationException("no operation runs")).Ciphers);

    /// <summary>Runs one operation; once more, on a new connection, when the session or token turns out to be gone.</summary>
    public T Use<T>(Func<ISession, T> operation)
    {
        try
        {
            return UseOnce(operation);
        }
        catch (Pkcs11Exception e) when (Pkcs11Faults.IsGone(e.RV))
        {
            return UseOnce(operation);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            Drop();
            if (_module is not null) Pkcs11Modules.Release(place.Module);
        }
    }

    private T UseOnce<T>(Func<ISession, T> operation)
    {
        var (session, connection) = Take();
        try
        {
            var result = operation(session);
            GiveBack(session, connection);
            return result;
        }
        catch (Exception e)
        {
            // Not into the pool: an operation may still be active in it.
            Close(session);
            if (e is Pkcs11Exception fault && Pkcs11Faults.IsGone(fault.RV)) DropIfStill(connection);
            throw;
        }
    }

    private (ISession Session, int Connection) Take()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_slot is null) Connect();
            return (_idle.TryPop(out var idle) ? idle : _slot!.OpenSession(SessionType.ReadWrite), _connection);
        }
    }

    private void GiveBack(ISession session, int connection)
    {
        lock (_gate)
        {
            if (connection == _connection && _slot is not null) _idle.Push(session);
            else Close(session);
        }
    }

    private void Connect()
    {
        _module ??= Pkcs11Modules.Acquire(place.Module);
        var slot = Find(_module.Library);
        var login = slot.OpenSession(SessionType.ReadWrite);
        try
        {
            LogIn(login);
        }
        catch
        {
            Close(login);
            throw;
        }
        (_slot, _login) = (slot, login);
        _connection++;
    }

    private ISlot Find(IPkcs11Library library)
    {
        var slots = library.GetSlotList(SlotsType.WithTokenPresent);
        var labels = slots.ConvertAll(slot => slot.GetTokenInfo().Label.TrimEnd());
        var at = labels.IndexOf(place.TokenLabel);
        if (at >= 0) return slots[at];
        if (slots.Count == 0 || _connection > 0)
            throw new KeyRootException(
                KeyRootFault.Unavailable, $"Token {place.TokenLabel} is away: plug it in, or look at its network.");
        throw new KeyRootException(KeyRootFault.Misconfigured,
            $"No token has the label {place.TokenLabel}: set AMA:Control:Pkcs11:TokenLabel to one of "
            + $"{string.Join(", ", labels.Where(label => label.Length > 0).Select(label => $"\"{label}\""))}, "
            + "or initialize the token.");
    }

    /// <summary>Login counts for all sessions of a process with a token: somebody else's is as good.</summary>
    private void LogIn(ISession session)
    {
        using var pin = place.ReadPin();
        var bytes = pin.Span.ToArray();
        try
        {
            session.Login(CKU.CKU_USER, bytes);
        }
        catch (Pkcs11Exception e) when (e.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // That is what was wanted.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private void DropIfStill(int connection)
    {
        lock (_gate)
        {
            if (connection == _connection) Drop();
        }
    }

    private void Drop()
    {
        while (_idle.TryPop(out var idle)) Close(idle);
        if (_login is not null) Close(_login);
        (_slot, _login) = (null, null);
    }

    private static void Close(ISession session)
    {
        try
        {
            session.Dispose();
        }
        catch (Pkcs11Exception)
        {
            // Gone already.
        }
    }
}
