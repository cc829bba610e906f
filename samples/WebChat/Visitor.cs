using System.Security.Cryptography;

namespace RwkvSk.Samples.WebChat;

/// <summary>
/// Who is asking: a random name in a cookie. It is the scope of everything that is read for them, so nobody ever meets a state that was made of somebody
/// else's words. An application with accounts takes the account's or the tenant's id.
/// </summary>
internal static class Visitor
{
    private const string Name = "visitor";
    private const int Length = 32;

    /// <summary>Middleware: gives a name to who has none.</summary>
    public static Task WelcomeAsync(HttpContext http, RequestDelegate next)
    {
        var visitor = http.Request.Cookies[Name];
        if (visitor is not { Length: Length } || !visitor.All(char.IsAsciiHexDigit))
        {
            visitor = RandomNumberGenerator.GetHexString(Length);
            http.Response.Cookies.Append(Name, visitor, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, IsEssential = true });
        }

        http.Items[Name] = visitor;
        return next(http);
    }

    /// <summary>The visitor's name; null outside a request.</summary>
    public static string? Of(HttpContext? http) => http?.Items[Name] as string;
}
