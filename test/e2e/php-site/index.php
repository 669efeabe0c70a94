<?php
// A site as PHP makes it: session_start() gives every visitor a session, logged in or not.
session_start();
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

function note(string $line): void {
  file_put_contents(getenv('SITE_LOG'), "$line\n", FILE_APPEND | LOCK_EX);
}

if ($path === '/login' && $_SERVER['REQUEST_METHOD'] === 'POST') {
  note('post');
  if (($_POST['password'] ?? '') !== 'correct horse') {
    echo '<form method="post">Wrong password.</form>';
    return;
  }
  if (getenv('SITE_REGENERATES') === '1') session_regenerate_id(true);
  $_SESSION['user'] = $_POST['user'];
  note('login');
  header('Location: /members', true, 302);
} elseif ($path === '/login') {
  echo '<form method="post"></form>';
} elseif (!isset($_SESSION['user'])) {
  if (getenv('SITE_REFUSES') === '401') http_response_code(401);
  else header('Location: /login?next=' . urlencode($path), true, 302);
} else {
  echo 'Hello, ' . htmlspecialchars($_SESSION['user']);
}
